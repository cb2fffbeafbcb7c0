// An engine that reports its work by events with ids, on threads of its own, so there is no scope
// for an observation. A handler makes a trace of the events.
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/llm_handler.h"

namespace {

// The callbacks of the engine. They know nothing of Langfuse.
struct EngineEvents {
  EngineEvents() = default;
  EngineEvents(const EngineEvents&) = delete;
  EngineEvents& operator=(const EngineEvents&) = delete;
  virtual ~EngineEvents() = default;

  virtual void question(const std::string& id, std::string_view text) = 0;
  virtual void lookup(const std::string& id, const std::string& question_id,
                      std::string_view title) = 0;
  virtual void not_found(const std::string& id, std::string_view reason) = 0;
  virtual void model_call(const std::string& id, const std::string& question_id,
                          std::string_view prompt) = 0;
  virtual void piece(const std::string& id, std::string_view text) = 0;
  virtual void model_done(const std::string& id) = 0;
  virtual void bill(const std::string& id, int input_tokens, int output_tokens) = 0;
  virtual void answer(const std::string& id, std::string_view text) = 0;
};

void answer(EngineEvents& events, const std::string& id, const std::string& question) {
  const std::string lookup_id = id + "/lookup";
  const std::string call_id = id + "/call";
  events.question(id, question);
  events.lookup(lookup_id, id, question);
  events.not_found(lookup_id, "no page of that title");
  events.model_call(call_id, id, question);
  for (const std::string_view piece : {"I do", " not", " know."}) events.piece(call_id, piece);
  events.model_done(call_id);
  events.bill(call_id, 4, 3);  // comes last, as with services that stream
  events.answer(id, "I do not know.");
}

// The whole integration: each event is one call.
class TracedEvents : public EngineEvents {
 public:
  explicit TracedEvents(langfuse::LlmHandler& handler) : handler_(handler) {}

  void question(const std::string& id, std::string_view text) override {
    handler_.on_chain_start(id, "question", text);
  }
  void lookup(const std::string& id, const std::string& question_id,
              std::string_view title) override {
    handler_.on_retriever_start(id, "lookup", title, question_id);
  }
  void not_found(const std::string& id, std::string_view reason) override {
    handler_.on_retriever_error(id, reason);
  }
  void model_call(const std::string& id, const std::string& question_id,
                  std::string_view prompt) override {
    handler_.on_llm_start(id, "example-model", prompt, question_id);
    handler_.update(id, [](langfuse::Observation& run) {
      run.set_name("chat").set_model_parameter("temperature", 0.2);
    });
  }
  void piece(const std::string& id, std::string_view text) override {
    handler_.on_llm_new_token(id, text);
  }
  void model_done(const std::string& id) override {
    handler_.on_llm_end(id, {}, langfuse::LlmUsage::follows());
  }
  void bill(const std::string& id, int input_tokens, int output_tokens) override {
    handler_.on_llm_usage(id, {{langfuse::usage_kind::input, input_tokens},
                               {langfuse::usage_kind::output, output_tokens}});
  }
  void answer(const std::string& id, std::string_view text) override {
    handler_.on_chain_end(id, text);
  }

 private:
  langfuse::LlmHandler& handler_;
};

}  // namespace

int main() {
  langfuse::init();
  langfuse::LlmHandler handler;
  TracedEvents events(handler);
  std::vector<std::thread> engine;
  for (const char* const id : {"q1", "q2"}) {
    engine.emplace_back([&events, id] { answer(events, id, "Where is shelf 7?"); });
  }
  for (std::thread& thread : engine) thread.join();

  const langfuse::FlushResult flush = handler.flush();
  std::printf("delivered %llu, open %llu\n", static_cast<unsigned long long>(flush.delivered),
              static_cast<unsigned long long>(flush.open));
  return flush.ok() ? 0 : 1;
}
