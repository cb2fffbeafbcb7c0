// A client for any endpoint that speaks OpenAI's chat completions over HTTP: OpenAI itself,
// llama.cpp, vLLM, Ollama, a gateway, or the stand-in of this example. It knows nothing of
// Langfuse; `model_call.h` observes it.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace email_workflow {

// There is no usable answer; `what()` names the address and the reason.
class ChatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ChatMessage {
  std::string role;  // `system`, `user` or `assistant`
  std::string content;
};

struct ChatRequest {
  std::vector<ChatMessage> messages;
  double temperature = 0;
  int max_tokens = 512;
};

// As the server counted them; 0 if it did not report them.
struct TokenUsage {
  std::int64_t input = 0;         // without the cached ones
  std::int64_t input_cached = 0;  // read from the provider's cache
  std::int64_t output = 0;
};

struct ChatReply {
  std::string content;
  std::string model;  // the one that answered; may be more precise than the one asked for
  TokenUsage usage;
};

struct Endpoint {
  std::string base_url;  // with the version: `http://127.0.0.1:8080/v1`
  std::string api_key;   // empty: no Authorization header
  std::string model;
};

// One connection, kept alive. One thread at a time.
class ChatClient {
 public:
  explicit ChatClient(Endpoint endpoint);
  ~ChatClient();
  ChatClient(const ChatClient&) = delete;
  ChatClient& operator=(const ChatClient&) = delete;

  const std::string& model() const { return endpoint_.model; }

  // Waits for the complete answer, at most a minute. Throws `ChatError`.
  ChatReply complete(const ChatRequest& request);

 private:
  struct Connection;

  Endpoint endpoint_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace email_workflow
