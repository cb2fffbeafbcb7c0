// Every function of the public face, each overload once: what must compile in both modes, and link
// with nothing when it is compiled out. `tests/house/compiled_out.py` compares it with the headers.
#include <spdlog/async.h>
#include <spdlog/spdlog.h>

#if __has_include(<asio.hpp>) && __cplusplus >= 202002L
#include <asio.hpp>
#define HAS_ASIO
#endif

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#if __cplusplus >= 202002L
#include "langfuse/coroutine.h"
#endif
#include "langfuse/asio.h"
#include "langfuse/config.h"
#include "langfuse/diagnose.h"
#include "langfuse/flush_async.h"
#include "langfuse/json.h"
#include "langfuse/langfuse.h"
#include "langfuse/sinks/log_line.h"
#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/sinks/spdlog_logger.h"
#include "langfuse/sinks/spdlog_sink.h"
#include "langfuse/tracing/context.h"
#include "langfuse/tracing/context_stack.h"
#include "langfuse/tracing/current_observation.h"
#include "langfuse/tracing/llm_handler.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/score.h"
#include "langfuse/tracing/start_observation.h"
#include "langfuse/tracing/trace_url.h"
#include "langfuse/tracing/wrap.h"

namespace {

struct Point {
  int x = 0;
};

}  // namespace

template <>
struct langfuse::AsJson<Point> {
  static void write(const Point& point, JsonText& out) {
    out.append("{\"x\":");
    out.append_string(std::to_string(point.x));
    out.append("}");
  }
};

namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

// Keeps a result, so that no call is left out because nobody looks at what it gives back.
template <class T>
void keep(T&& result) {
  asm volatile("" : : "g"(&result) : "memory");
}

void lifecycle() {
  langfuse::Config config;
  config.public_key = "pk-lf-1";
  keep(langfuse::init());
  keep(langfuse::init(config));
  keep(langfuse::enabled());
  keep(langfuse::why_disabled());
  keep(langfuse::flush());
  keep(langfuse::flush(seconds(1)));
  keep(langfuse::flush_langfuse());
  keep(langfuse::flush_async());
  keep(langfuse::flush_async(seconds(1)));
  keep(langfuse::stats());
  keep(langfuse::to_string(langfuse::DropReason::queue_full));
  const std::uint64_t source =
      langfuse::register_flush_source("front", [](std::int64_t) { langfuse::wake(); });
  keep(langfuse::unregister_flush_source(source));
  keep(langfuse::install_exit_hooks());
  langfuse::ExitHookOptions hooks;
  hooks.set_signals({1, 2}).set_timeout(seconds(1)).set_on_signal([](int) {});
  keep(langfuse::install_exit_hooks(std::move(hooks)));
  const langfuse::ClientHandle client = langfuse::get_client();
  keep(client.flush());
  keep(client.flush(seconds(1)));
  keep(client.stats());
  keep(client.enabled());
  const langfuse::FlushGuard guard;
  const langfuse::FlushGuard guard_of_a_second{seconds(1)};
  keep(langfuse::run_with_flush([](int x) { return x; }, 1));
  keep(langfuse::run_workflow_with_flush([] { return 1; }));
  struct {
    int run(int x) const { return x; }
  } workflow;
  keep(langfuse::run_workflow_with_flush(workflow, 1));
  keep(client.shutdown());
  keep(client.shutdown(seconds(1)));
  keep(langfuse::shutdown());
  keep(langfuse::shutdown(seconds(1)));
  keep(langfuse::shutdown_async());
  keep(langfuse::shutdown_async(seconds(1)));
}

void diagnosis() {
  const langfuse::Config config;
  const langfuse::Diagnosis found = langfuse::diagnose();
  keep(found.ok());
  keep(found.first_failed());
  keep(langfuse::diagnose(seconds(1)));
  keep(langfuse::diagnose(config));
  keep(langfuse::diagnose(config, seconds(1)));
  keep(langfuse::to_string(langfuse::CheckStatus::ok));
  keep(langfuse::to_string(langfuse::CheckNumber::canary));
}

void ids() {
  const langfuse::TraceId trace = langfuse::create_trace_id();
  keep(trace.hex().c_str());
  keep(trace.is_valid());
  keep(langfuse::create_trace_id("order-1"));
  keep(langfuse::create_observation_id("order-1"));
  keep(langfuse::TraceId::from_hex("0123") != trace);
  keep(langfuse::SpanId::from_hex("0123"));
  keep(langfuse::trace_url(trace));
}

void observations() {
  auto step = langfuse::observe();
  auto named = langfuse::observe("named", langfuse::ObservationType::agent);
  auto remote =
      langfuse::observe("remote", langfuse::ObservationType::span, langfuse::SpanContext());
  auto local = langfuse::observe("local", langfuse::ObservationType::span, named.context());
  auto begun = langfuse::observe("begun", langfuse::ObservationOptions().set_start_time(1));
  auto detached =
      langfuse::start_observation("detached", langfuse::ObservationOptions()
                                                  .set_type(langfuse::ObservationType::tool)
                                                  .set_parent(langfuse::Context())
                                                  .set_parent(langfuse::SpanContext())
                                                  .set_root()
                                                  .set_trace_id(langfuse::TraceId())
                                                  .set_start_time(system_clock::now())
                                                  .set_flush_on_end(langfuse::FlushOnEnd::wake));
  const std::map<std::string, double> amounts{{"input", 1}};
  step.set_input(nlohmann::json{{"a", 1}})
      .set_output(Point{1})
      .set_metadata("rows", 3)
      .set_name("step")
      .set_type(langfuse::ObservationType::generation)
      .set_level(langfuse::Level::warning)
      .set_status_message("slow")
      .set_version("2")
      .set_model("qwen3-8b")
      .set_model_parameter("stream", true)
      .set_usage(langfuse::usage_kind::input, 812)
      .set_cost("total", 0.25)
      .set_usage_details({{"input", 812}, {"output", 24}})
      .set_usage_details(amounts)
      .set_cost_details({{"input", 0.25}})
      .set_cost_details(amounts)
      .set_prompt("greeting", 3)
      .set_completion_start_time(system_clock::now())
      .on_token("Hello")
      .set_trace_as_public()
      .record_exception()
      .record_exception(std::runtime_error("no"));
  keep(step.token_count());
  keep(step.time_to_first_token());
  keep(step.tokens_per_second());
  keep(step.trace_id());
  keep(step.id());
  step.score("good", 0.5);
  step.score("good", true, langfuse::ScoreDetails());
  step.score_trace("good", "yes");
  step.score_trace("good", 1, langfuse::ScoreDetails());
  step.end();
  named.end(system_clock::now());
  langfuse::Observation moved(std::move(remote));
  moved = std::move(local);
  keep(langfuse::create_event("miss"));
  keep(langfuse::create_event("miss", [](auto& event) { event.set_input("key"); }));
}

void current() {
  auto now = langfuse::current_observation();
  keep(static_cast<bool>(now));
  now.set_input("text")
      .set_output(1.5)
      .set_metadata("rows", 3)
      .set_name("step")
      .set_type(langfuse::ObservationType::generation)
      .set_level(langfuse::Level::warning)
      .set_status_message("slow")
      .set_version("2")
      .set_model("qwen3-8b")
      .set_model_parameter("stream", true)
      .set_usage("input", 812)
      .set_cost("total", 0.25)
      .set_prompt("greeting", 3)
      .set_completion_start_time(system_clock::now())
      .on_token("Hello")
      .set_trace_as_public()
      .record_exception();
}

void contexts() {
  const langfuse::Context here = langfuse::current_context();
  const langfuse::ContextScope scope(here);
  keep(langfuse::current_trace_id());
  keep(langfuse::current_observation_id());
  langfuse::bind_context([](int) {})(1);
  langfuse::ContextStack stack;
  stack.enter();
  stack.leave();
  const langfuse::ContextSlot slot;
  langfuse::set_context_storage(nullptr);
  keep(langfuse::traceparent(here).c_str());
  keep(langfuse::baggage(here));
  keep(langfuse::remote_context("00-", "a=b"));
  keep(langfuse::environment_context());
  const auto propagated = langfuse::propagate_attributes(langfuse::PropagatedAttributes()
                                                             .set_user_id("u")
                                                             .set_session_id("s")
                                                             .set_trace_name("t")
                                                             .add_tag("beta")
                                                             .set_metadata("tier", "gold")
                                                             .set_version("3")
                                                             .set_environment("staging")
                                                             .set_prompt("greeting", 3)
                                                             .set_as_baggage());
}

void scores() {
  langfuse::Score score("user-feedback", "helpful");
  score.comment = "what the user wrote";
  langfuse::create_score(score);
  langfuse::score_current_span("good", 1);
  langfuse::score_current_trace("good", 1);
}

void handler() {
  langfuse::LlmHandler runs;
  langfuse::LlmHandler named(
      langfuse::LlmHandlerOptions().set_name("bot").set_max_open_runs(3).set_hold_finished(4));
  runs.on_chain_start("1", "answer", "question");
  runs.on_llm_start("2", "qwen3-8b", "prompt", "1");
  runs.on_llm_new_token("2", "Hello");
  runs.on_llm_end("2", "answer", langfuse::LlmUsage::follows());
  runs.on_llm_usage("2", {{"input", 812}});
  runs.on_llm_error("2", "timeout");
  runs.on_llm_error("2", std::runtime_error("timeout"));
  runs.on_tool_start("3", "search", "query");
  runs.on_tool_end("3", Point{1});
  runs.on_tool_error("3", "gone");
  runs.on_retriever_start("4", "index", "query");
  runs.on_retriever_end("4");
  runs.on_retriever_error("4", "gone");
  runs.on_chain_end("1");
  runs.on_chain_error("1", "gone");
  keep(runs.update("2", [](langfuse::Observation& run) { run.set_cost("total", 0.5); }));
  keep(runs.flush());
  keep(runs.flush(seconds(1)));
  keep(runs.client());
  keep(runs.stats());
}

void wrappers() {
  const auto add = langfuse::observe_fn(langfuse::WrapOptions("add")
                                            .set_type(langfuse::ObservationType::tool)
                                            .set_capture_input(langfuse::IoCapture::yes)
                                            .set_capture_output(langfuse::IoCapture::no),
                                        [](int a, int b) { return a + b; });
  keep(add(1, 2));
  keep(langfuse::observed("length", &std::string::size, std::string("four")));
}

void lines() {
  langfuse::LogLine line;
  line.message = "cache miss";
  keep(langfuse::submit(line));
  langfuse::LineGate gate{langfuse::LineOptions()};
  keep(gate.submit(line));
  langfuse::wake();

  auto sink = std::make_shared<langfuse::SpdlogSink>();
  sink->set_level(spdlog::level::warn);
  spdlog::logger logger("raw", sink);
  logger.info("cache miss");
  logger.flush();
  const auto front = langfuse::attach(spdlog::default_logger(), langfuse::AttachOptions());
  front->info("cache miss");
  keep(langfuse::detach(front));
  langfuse::SpdlogSink::watch(front);
  keep(langfuse::langfuse_logger_mt("alone"));
  keep(langfuse::langfuse_logger_st<spdlog::async_factory>("asynchronous"));
}

#if __cplusplus >= 202002L
struct Task {
  struct promise_type : langfuse::TracedPromise {
    Task get_return_object() { return {}; }
    auto initial_suspend() noexcept { return traced(std::suspend_never()); }
    auto final_suspend() noexcept { return traced(std::suspend_never()); }
    void return_void() {}
    void unhandled_exception() {}
  };
};

Task coroutine() {
  const langfuse::CoroutineScope here;
  co_await std::suspend_never();
  co_await here.traced(std::suspend_never());
  co_await langfuse::run_with_flush(std::suspend_never());
}
#endif

#if defined(HAS_ASIO)
void executors() {
  asio::io_context loop;
  asio::post(langfuse::context_executor(loop), [] {});
  loop.run();
}
#endif

}  // namespace

int main() {
  lifecycle();
  diagnosis();
  ids();
  observations();
  current();
  contexts();
  scores();
  handler();
  wrappers();
  lines();
#if __cplusplus >= 202002L
  coroutine();
#endif
#if defined(HAS_ASIO)
  executors();
#endif
}
