#include "examples/email_workflow/chat_client.h"

#include <curl/curl.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace email_workflow {
namespace {

using nlohmann::json;

constexpr long connect_timeout_seconds = 10;
constexpr long timeout_seconds = 60;
constexpr std::size_t longest_excerpt = 200;

std::size_t append_to_string(char* data, std::size_t size, std::size_t count, void* target) {
  static_cast<std::string*>(target)->append(data, size * count);
  return size * count;
}

std::string request_body(const std::string& model, const ChatRequest& request) {
  json messages = json::array();
  for (const ChatMessage& message : request.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  const json body = {{"model", model},
                     {"messages", std::move(messages)},
                     {"temperature", request.temperature},
                     {"max_tokens", request.max_tokens}};
  // Mail is not always valid UTF-8, and `dump` throws on what is not.
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

TokenUsage parse_usage(const json& body) {
  TokenUsage usage;
  const json counts = body.value("usage", json::object());
  if (!counts.is_object()) return usage;
  const json details = counts.value("prompt_tokens_details", json::object());
  usage.input_cached = details.is_object() ? details.value("cached_tokens", std::int64_t{0}) : 0;
  usage.input = counts.value("prompt_tokens", std::int64_t{0}) - usage.input_cached;
  usage.output = counts.value("completion_tokens", std::int64_t{0});
  return usage;
}

ChatReply parse_reply(const std::string& text, const std::string& model) {
  const json body = json::parse(text);
  ChatReply reply;
  reply.content = body.at("choices").at(0).at("message").at("content").get<std::string>();
  reply.model = body.value("model", model);
  reply.usage = parse_usage(body);
  return reply;
}

}  // namespace

struct ChatClient::Connection {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle{curl_easy_init(), curl_easy_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers{nullptr, curl_slist_free_all};
  std::string url;

  void add_header(const std::string& header) {
    headers.reset(curl_slist_append(headers.release(), header.c_str()));
  }
};

ChatClient::ChatClient(Endpoint endpoint)
    : endpoint_(std::move(endpoint)), connection_(std::make_unique<Connection>()) {
  CURL* const handle = connection_->handle.get();
  if (handle == nullptr) throw ChatError("libcurl cannot start");
  while (!endpoint_.base_url.empty() && endpoint_.base_url.back() == '/') {
    endpoint_.base_url.pop_back();
  }
  connection_->url = endpoint_.base_url + "/chat/completions";
  connection_->add_header("Content-Type: application/json");
  if (!endpoint_.api_key.empty()) {
    connection_->add_header("Authorization: Bearer " + endpoint_.api_key);
  }
  curl_easy_setopt(handle, CURLOPT_URL, connection_->url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  // No proxy stands between this machine and itself, whatever `http_proxy` says.
  if (endpoint_.base_url.rfind("http://127.0.0.1:", 0) == 0) {
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, connection_->headers.get());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, timeout_seconds);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_to_string);
}

ChatClient::~ChatClient() = default;

ChatReply ChatClient::complete(const ChatRequest& request) {
  CURL* const handle = connection_->handle.get();
  const std::string body = request_body(endpoint_.model, request);
  std::string answer;
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, static_cast<void*>(&answer));

  const CURLcode result = curl_easy_perform(handle);
  if (result != CURLE_OK) {
    throw ChatError("no answer from " + connection_->url + ": " + curl_easy_strerror(result));
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    throw ChatError(connection_->url + " answered with status " + std::to_string(status) + ": " +
                    answer.substr(0, longest_excerpt));
  }
  try {
    return parse_reply(answer, endpoint_.model);
  } catch (const json::exception&) {
    throw ChatError(connection_->url + " answered with something else than a chat completion: " +
                    answer.substr(0, longest_excerpt));
  }
}

}  // namespace email_workflow
