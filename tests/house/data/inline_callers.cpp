// Every public header, and the templates in them that call the library, with types that other units
// know as well, so that a loader could merge them: `visibility.py` reads off the object code what
// it would see. Never run.

#include <asio.hpp>
//
#include <langfuse/asio.h>
#include <langfuse/callback.h>
#include <langfuse/client_in_force.h>
#include <langfuse/config.h>
#include <langfuse/coroutine.h>
#include <langfuse/diagnose.h>
#include <langfuse/drop_reason.h>
#include <langfuse/export.h>
#include <langfuse/flush_async.h>
#include <langfuse/ids.h>
#include <langfuse/json.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/log_line.h>
#include <langfuse/sinks/spdlog_attach.h>
#include <langfuse/sinks/spdlog_logger.h>
#include <langfuse/sinks/spdlog_mdc.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <langfuse/sinks/spdlog_support.h>
#include <langfuse/tracing/context.h>
#include <langfuse/tracing/context_stack.h>
#include <langfuse/tracing/current_observation.h>
#include <langfuse/tracing/llm_handler.h>
#include <langfuse/tracing/observe.h>
#include <langfuse/tracing/observe_calls.h>
#include <langfuse/tracing/propagation.h>
#include <langfuse/tracing/score.h>
#include <langfuse/tracing/start_observation.h>
#include <langfuse/tracing/trace_url.h>
#include <langfuse/tracing/value.h>
#include <langfuse/tracing/wrap.h>
#include <langfuse/unix_time.h>

#include <coroutine>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

namespace {

struct Workflow {
  int run(int value) { return value; }
};

// Without a name of its own in any other unit, so that what it instantiates is this one's.
struct Task {
  struct promise_type : langfuse::TracedPromise {
    Task get_return_object() { return {}; }
    auto initial_suspend() noexcept { return traced(std::suspend_never()); }
    auto final_suspend() noexcept { return traced(std::suspend_never()); }
    void return_void() {}
    void unhandled_exception() {}
  };
};

Task waits() {
  const langfuse::CoroutineScope here;
  co_await here.traced(std::suspend_never());
  co_await std::suspend_never();
}

}  // namespace

int twice(int value) {
  return 2 * value;
}

void use_observation(langfuse::Observation& step) {
  const std::map<std::string, int> tokens;
  step.set_input(nlohmann::json::object()).set_output(nlohmann::ordered_json::array());
  step.set_usage_details(tokens).set_usage_details({{"input", 1}});
  step.set_cost_details(tokens).set_cost_details({{"input", 0.1}});
  step.record_exception(std::runtime_error("seeded"));
  langfuse::current_observation().set_model("model").set_output(1);
}

void use_functions() {
  langfuse::run_with_flush(&twice, 1);
  langfuse::run_with_flush(std::function<int(int)>(&twice), 1);
  Workflow workflow;
  langfuse::run_workflow_with_flush(workflow, 1);
  langfuse::run_workflow_with_flush(&twice, 1);
  auto observed = langfuse::observe_fn("twice", &twice);
  observed(1);
  langfuse::observed("twice", twice, 1);
  langfuse::observed("method", &Workflow::run, workflow, 1);
  langfuse::bind_context(std::function<int(int)>(&twice))(1);
  waits();
}

void use_executor() {
  asio::thread_pool pool;
  asio::co_spawn(
      langfuse::context_executor(pool), []() -> asio::awaitable<void> { co_return; },
      asio::detached);
}

void use_handler() {
  langfuse::LlmHandler handler;
  const std::map<std::string, int> tokens;
  handler.on_llm_usage("run", tokens);
  handler.update("run", std::function<void(langfuse::Observation&)>(&use_observation));
}

void use_sink() {
  spdlog::register_logger(
      std::make_shared<spdlog::logger>("raw", std::make_shared<langfuse::SpdlogSink>()));
  langfuse::attach(spdlog::default_logger());
  langfuse::langfuse_logger_mt("made");
}
