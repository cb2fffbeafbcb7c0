// What is left of observed code when it is compiled out: nothing. `tests/house/compiled_out.py`
// compiles it once as it is, and once with PLAIN, as if nobody had ever thought of observing it,
// and finds that the two come out the same, to the byte.
#include <string>

#if defined(PLAIN)
#define OBSERVED(...)
#define OBSERVED_OR_PLAIN(observed, plain) plain
#else
#include "langfuse/langfuse.h"
#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/context_stack.h"
#include "langfuse/tracing/current_observation.h"
#include "langfuse/tracing/llm_handler.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/score.h"
#include "langfuse/tracing/start_observation.h"
#include "langfuse/tracing/wrap.h"
#define OBSERVED(...) __VA_ARGS__
#define OBSERVED_OR_PLAIN(observed, plain) observed
#endif

// Elsewhere, and may throw.
int search(const std::string& question);
// False at the end.
bool next_token(std::string& token);

int scope(const std::string& question) {
  OBSERVED(auto step = langfuse::observe(); step.set_input(question);)
  const int rows = search(question);
  OBSERVED(step.set_output(rows).set_metadata("rows", rows).set_level(langfuse::Level::debug);)
  return rows * rows;
}

std::string generation(const std::string& prompt) {
  OBSERVED(auto call = langfuse::observe("chat", langfuse::ObservationType::generation);
           call.set_model("qwen3-8b").set_model_parameter("temperature", 0.2).set_input(prompt);)
  std::string text = prompt;
  std::string token;
  while (next_token(token)) {
    OBSERVED(call.on_token(token);)
    text += token;
  }
  OBSERVED(call.set_usage_details({{"input", 812}, {"output", 24}}).set_cost("total", 0.01);
           call.score("length", text.size()); call.score_trace("polite", true);)
  return text;
}

int handler(const std::string& question) {
  OBSERVED(auto step = langfuse::observe("careful");)
  try {
    return search(question);
  } catch (...) {
    OBSERVED(step.record_exception();)
    return -1;
  }
}

int wrapped(const std::string& question) {
  return OBSERVED_OR_PLAIN(langfuse::observed("search", search, question), search(question));
}

int wrapped_for_good(const std::string& question) {
  OBSERVED(const auto search =
               langfuse::observe_fn("a name that fits in no small string",
                                    [](const std::string& q) { return ::search(q); });)
  return search(question);
}

int flushed(const std::string& question) {
  return OBSERVED_OR_PLAIN(langfuse::run_with_flush(search, question), search(question));
}

int contexts(const std::string& question) {
  OBSERVED(const langfuse::ContextScope here(langfuse::current_context());
           const auto who = langfuse::propagate_attributes(
               langfuse::PropagatedAttributes().set_user_id("u-7").add_tag("beta"));
           langfuse::ContextStack stack; stack.enter(); const langfuse::FlushGuard guard;)
  const int rows = search(question);
  OBSERVED(langfuse::current_observation().set_output(rows); stack.leave();)
  return rows;
}

int runs(const std::string& question) {
  OBSERVED(langfuse::LlmHandler handler; handler.on_llm_start("1", "qwen3-8b", question);)
  const int rows = search(question);
  OBSERVED(handler.on_llm_end("1", rows, {{"input", 812}}); langfuse::create_event("end");)
  return rows;
}

void line(const std::string& question) {
  OBSERVED(langfuse::LogLine line; line.message = question; langfuse::submit(line);)
  search(question);
}

int lifecycle(const std::string& question) {
  OBSERVED(langfuse::register_flush_source("front", [](std::int64_t) {});
           if (langfuse::enabled()) return -1;)
  const int rows = search(question);
  OBSERVED(langfuse::flush(); if (!langfuse::shutdown().ok()) return -1;)
  return rows;
}
