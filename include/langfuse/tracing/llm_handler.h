// A callback handler: for code that reports what its language model does as events with an id,
// instead of running in scopes.
//
//   langfuse::LlmHandler handler;
//   handler.on_chain_start("run-1", "answer", question);
//   handler.on_llm_start("run-2", "qwen3-8b", prompt, "run-1");  // below `run-1`
//   while (stream.next(piece)) handler.on_llm_new_token("run-2", piece);
//   handler.on_llm_end("run-2", {}, {{"input", 812}, {"output", 24}});
//   handler.on_chain_end("run-1", answer);
//
// A run begins with a start event and is an observation until its end or error event; then it is
// sent. Many runs are open at once, begun, fed and ended on any thread: events are matched by the
// run id alone, and a run is the current observation of no thread. Where there is a scope,
// `observe` is simpler and takes no lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/langfuse.h"
#include "langfuse/tracing/observe.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

struct LlmHandlerOptions {
  // The handler's name in diagnostics about a flush that it holds up; copied.
  const char* name = "llm_handler";
  // A start beyond it ends the oldest open run, with level `warning`. At least 1. An open run costs
  // what its values take: raise it for more runs at once, lower it where ends get lost.
  std::size_t max_open_runs = 10'000;
  // Runs that have ended are submitted when there are so many of them, or at a flush. 0: each when
  // it ends.
  std::size_t hold_finished = 0;

  LlmHandlerOptions& set_name(const char* value) noexcept {
    name = value;
    return *this;
  }
  LlmHandlerOptions& set_max_open_runs(std::size_t value) noexcept {
    max_open_runs = value;
    return *this;
  }
  LlmHandlerOptions& set_hold_finished(std::size_t value) noexcept {
    hold_finished = value;
    return *this;
  }
};

// What became of the runs of a handler.
struct LlmHandlerStats {
  std::uint64_t open = 0;    // started and not ended
  std::uint64_t held = 0;    // ended, and held back: until their usage comes, or `hold_finished`
  std::uint64_t ended = 0;   // handed over to be sent
  std::uint64_t pushed = 0;  // of those, the ones that were ended because too many were open
  // Events without effect: of a run id that is not known, or a start of one that is. A start below
  // a parent that is not known is counted, too, though the run begins: below the current
  // observation.
  std::uint64_t ignored = 0;
};

// The tokens of a call by kind (see `usage_kind`): `{{"input", 812}, {"output", 24}}`, or any map
// of kinds to numbers. A view: lives as long as the call that it is an argument of.
class LlmUsage {
 public:
  // None is known.
  LlmUsage() noexcept = default;
  LANGFUSE_LOCAL LlmUsage(
      std::initializer_list<internal::Detail<internal::TokenCount>> tokens_by_kind) noexcept
      : tokens_(tokens_by_kind.begin()), count_(tokens_by_kind.size()), set_(&set_array) {}
  // REQUIRES: reading the map does not throw.
  template <class Map, class = decltype(std::declval<const Map&>().begin())>
  LANGFUSE_LOCAL LlmUsage(const Map& tokens_by_kind) noexcept
      : tokens_(&tokens_by_kind), set_(&set_map<Map>) {}

  // It comes after the end, with `on_llm_usage`.
  static LlmUsage follows() noexcept {
    LlmUsage usage;
    usage.follows_ = true;
    return usage;
  }

 private:
  friend class LlmHandler;

  static LANGFUSE_LOCAL void set_array(const LlmUsage& usage, Observation& run) noexcept {
    using Tokens = internal::Detail<internal::TokenCount>;
    const auto* const tokens = static_cast<const Tokens*>(usage.tokens_);
    for (std::size_t i = 0; i < usage.count_; ++i) run.set_usage(tokens[i].kind, tokens[i].amount);
  }
  template <class Map>
  static LANGFUSE_LOCAL void set_map(const LlmUsage& usage, Observation& run) noexcept {
    run.set_usage_details(*static_cast<const Map*>(usage.tokens_));
  }
  LANGFUSE_LOCAL void set_on(Observation& run) const noexcept {
    if (set_ != nullptr) set_(*this, run);
  }

  const void* tokens_ = nullptr;
  std::size_t count_ = 0;
  void (*set_)(const LlmUsage&, Observation&) noexcept = nullptr;
  bool follows_ = false;
};

namespace internal {

class LlmRuns;

// A view on a callable that sets values of an observation.
class RunSetter {
 public:
  template <class F>
  LANGFUSE_LOCAL RunSetter(const F& f) noexcept
      : object_(&f),
        call_([](const void* object, Observation& run) { (*static_cast<const F*>(object))(run); }) {
  }
  void operator()(Observation& run) const { call_(object_, run); }

 private:
  const void* object_;
  void (*call_)(const void*, Observation&);
};

}  // namespace internal

// Turns run events into observations. Neither copied nor moved; any thread, any number of them at
// once.
//
// No event throws or waits for the network. Events take a lock, for no longer than it takes to
// find the run: values are encoded without it, and only events of one run wait for each other. One
// that comes out of a value or `update`, of a run that is busy (its own for instance), is ignored.
//
// An event that does not fit (an end without a start, a second start) changes nothing: a debug
// diagnostic names the run, and `stats().ignored` counts it. A run's id may be used again once the
// run has ended. Which kind of end ends a run does not matter. When nothing is configured, no run
// begins and no event is counted.
//
// A flush does not end what is open. It completes what has ended and is held back, because each
// handler is a flush source (see `register_flush_source`).
class LlmHandler {
 public:
  LANGFUSE_LOCAL LlmHandler() noexcept : LlmHandler(LlmHandlerOptions()) {}
  // Without memory for it, the handler ignores every event; a diagnostic says so.
  LANGFUSE_API explicit LlmHandler(const LlmHandlerOptions& options) noexcept;
  // Submits what is held; what is still open ends with level `warning`. Does not flush. REQUIRES:
  // no event is on its way. Destroy it before `shutdown()`, after which nothing is sent.
  LANGFUSE_API ~LlmHandler();
  LlmHandler(const LlmHandler&) = delete;
  LlmHandler& operator=(const LlmHandler&) = delete;

  // A call of a model begins: a generation, named after the model. `run_id`: any text that no other
  // open run of this handler has; copied. `parent_run_id`: of the open run that it belongs to;
  // empty: it goes below the current observation of the calling thread. Values are as those of
  // `Observation::set_input`.
  LANGFUSE_LOCAL void on_llm_start(std::string_view run_id, std::string_view model,
                                   internal::Value input,
                                   std::string_view parent_run_id = {}) noexcept {
    start(run_id, ObservationType::generation, model, input, parent_run_id);
  }
  // A piece of the streamed answer, as `Observation::on_token`. Also of a run that is no model
  // call, and of one whose usage follows.
  LANGFUSE_API void on_llm_new_token(std::string_view run_id, std::string_view text) noexcept;
  // The call has ended, now. Without an output it is what the pieces make together. With
  // `LlmUsage::follows()` the run is complete, and sent, when `on_llm_usage` or a flush comes.
  LANGFUSE_API void on_llm_end(std::string_view run_id,
                               std::optional<internal::Value> output = std::nullopt,
                               LlmUsage usage = {}) noexcept;
  // Completes a call that has ended; one that has not goes on.
  LANGFUSE_API void on_llm_usage(std::string_view run_id, LlmUsage usage) noexcept;
  // The call has failed: level `error`. `what` is the status message; empty: none is set.
  LANGFUSE_LOCAL void on_llm_error(std::string_view run_id, std::string_view what) noexcept {
    fail(run_id, what);
  }
  // The same with the exception at hand: the message is `Type: what()`, as that of
  // `Observation::record_exception`.
  template <class Exception, class = decltype(std::declval<const Exception&>().what())>
  LANGFUSE_LOCAL void on_llm_error(std::string_view run_id, const Exception& exception) noexcept {
    fail_by(run_id, exception);
  }

  // The same for what surrounds the calls: steps of a workflow, …
  LANGFUSE_LOCAL void on_chain_start(std::string_view run_id, std::string_view name,
                                     internal::Value input,
                                     std::string_view parent_run_id = {}) noexcept {
    start(run_id, ObservationType::chain, name, input, parent_run_id);
  }
  LANGFUSE_LOCAL void on_chain_end(std::string_view run_id,
                                   std::optional<internal::Value> output = std::nullopt) noexcept {
    on_llm_end(run_id, output);
  }
  LANGFUSE_LOCAL void on_chain_error(std::string_view run_id, std::string_view what) noexcept {
    fail(run_id, what);
  }
  template <class Exception, class = decltype(std::declval<const Exception&>().what())>
  LANGFUSE_LOCAL void on_chain_error(std::string_view run_id, const Exception& exception) noexcept {
    fail_by(run_id, exception);
  }

  // … tools that the model calls, …
  LANGFUSE_LOCAL void on_tool_start(std::string_view run_id, std::string_view name,
                                    internal::Value input,
                                    std::string_view parent_run_id = {}) noexcept {
    start(run_id, ObservationType::tool, name, input, parent_run_id);
  }
  LANGFUSE_LOCAL void on_tool_end(std::string_view run_id,
                                  std::optional<internal::Value> output = std::nullopt) noexcept {
    on_llm_end(run_id, output);
  }
  LANGFUSE_LOCAL void on_tool_error(std::string_view run_id, std::string_view what) noexcept {
    fail(run_id, what);
  }
  template <class Exception, class = decltype(std::declval<const Exception&>().what())>
  LANGFUSE_LOCAL void on_tool_error(std::string_view run_id, const Exception& exception) noexcept {
    fail_by(run_id, exception);
  }

  // … and searches for what it should know.
  LANGFUSE_LOCAL void on_retriever_start(std::string_view run_id, std::string_view name,
                                         internal::Value query,
                                         std::string_view parent_run_id = {}) noexcept {
    start(run_id, ObservationType::retriever, name, query, parent_run_id);
  }
  LANGFUSE_LOCAL void on_retriever_end(
      std::string_view run_id, std::optional<internal::Value> documents = std::nullopt) noexcept {
    on_llm_end(run_id, documents);
  }
  LANGFUSE_LOCAL void on_retriever_error(std::string_view run_id, std::string_view what) noexcept {
    fail(run_id, what);
  }
  template <class Exception, class = decltype(std::declval<const Exception&>().what())>
  LANGFUSE_LOCAL void on_retriever_error(std::string_view run_id,
                                         const Exception& exception) noexcept {
    fail_by(run_id, exception);
  }

  // Whatever else an observation can say (name, type, model parameters, prompt, cost, metadata):
  //
  //   handler.update("run-2", [](auto& run) { run.set_model_parameter("temperature", 0.2); });
  //
  // Calls `f` with the `Observation&` of a run that has not been handed over, and lets through what
  // it throws. False, and `f` is not called, when there is none. REQUIRES: `f` neither ends nor
  // moves the observation.
  template <class F>
  LANGFUSE_LOCAL bool update(std::string_view run_id, F&& f) {
    return update_run(run_id, [&f](Observation& run) { f(run); });
  }

  // Submits what is held back, then flushes the client, as `langfuse::flush` does: blocks.
  LANGFUSE_API FlushResult flush() noexcept;
  LANGFUSE_API FlushResult flush(Timeout timeout) noexcept;
  LANGFUSE_LOCAL ClientHandle client() const noexcept { return get_client(); }

  LANGFUSE_API LlmHandlerStats stats() const noexcept;

 private:
  bool has_runs() const noexcept;
  LANGFUSE_API void start(std::string_view run_id, ObservationType type, std::string_view name,
                          const internal::Value& input, std::string_view parent_run_id) noexcept;
  LANGFUSE_API void fail(std::string_view run_id, std::string_view what) noexcept;
  template <class Exception>
  LANGFUSE_LOCAL void fail_by(std::string_view run_id, const Exception& exception) noexcept {
    end_run(run_id, [&](Observation& run) { run.record_exception(exception); });
  }
  LANGFUSE_API void end_run(std::string_view run_id, internal::RunSetter set_values) noexcept;
  LANGFUSE_API bool update_run(std::string_view run_id, internal::RunSetter set_values);

  // The registered source owns the runs, because it may still be running when the handler goes.
  internal::LlmRuns* runs_ = nullptr;
  std::uint64_t flush_source_ = 0;
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/llm_handler_stubs.h"
#endif
