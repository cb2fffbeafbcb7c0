// A callback handler, for code that reports model calls as events with an id instead of scopes.
//
//   langfuse::LlmHandler handler;
//   handler.on_chain_start("run-1", "answer", question);
//   handler.on_llm_start("run-2", "qwen3-8b", prompt, "run-1");  // below `run-1`
//   while (stream.next(piece)) handler.on_llm_new_token("run-2", piece);
//   handler.on_llm_end("run-2", {}, {{"input", 812}, {"output", 24}});
//   handler.on_chain_end("run-1", answer);
//
// A run begins with a start event, and is sent as an observation at its end or error event. Many
// runs may be open at once. Any thread may report any event of a run: the run id alone tells them
// apart. A run is the current observation of no thread. In code that has a scope, `observe` is
// simpler and takes no lock.
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
  // The handler's name in diagnostics about a flush that waits for it; copied.
  const char* name = "llm_handler";
  // The most open runs. A start beyond it ends the oldest run, with level `warning`. 0 counts as 1.
  // An open run takes the memory of its values. Raise it for more runs at once; lower it where ends
  // get lost.
  std::size_t max_open_runs = 10'000;
  // Ended runs are held until there are this many, or until a flush, and then submitted together.
  // 0: each is submitted when it ends.
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

// Counters of a handler's runs.
struct LlmHandlerStats {
  std::uint64_t open = 0;    // started and not ended
  std::uint64_t held = 0;    // ended, and held until their usage comes, or by `hold_finished`
  std::uint64_t ended = 0;   // submitted
  std::uint64_t pushed = 0;  // ended because too many runs were open
  // Events without effect: of a run id that is not open, or a start of one that is. A start whose
  // parent is not open is also counted; that run begins below the current observation.
  std::uint64_t ignored = 0;
};

// The tokens of a call by kind (see `usage_kind`): `{{"input", 812}, {"output", 24}}`, or any map
// of kinds to numbers. A view, valid during the call that it is an argument of.
class LlmUsage {
 public:
  // No usage.
  LlmUsage() noexcept = default;
  LANGFUSE_LOCAL LlmUsage(
      std::initializer_list<internal::Detail<internal::TokenCount>> tokens_by_kind) noexcept
      : tokens_(tokens_by_kind.begin()), count_(tokens_by_kind.size()), set_(&set_array) {}
  // REQUIRES: reading the map does not throw.
  template <class Map, class = decltype(std::declval<const Map&>().begin())>
  LANGFUSE_LOCAL LlmUsage(const Map& tokens_by_kind) noexcept
      : tokens_(&tokens_by_kind), set_(&set_map<Map>) {}

  // The usage will come after the end, with `on_llm_usage`.
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

// A view of a callable that sets values of an observation.
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

// Turns run events into observations. Any thread, several at once. It cannot be copied or moved.
//
// No event throws or waits for the network. An event takes a lock to find its run, encodes its
// values without the lock, and waits only for another event of the same run. An event that a value
// or `update` causes while its run is busy, for instance with itself, is ignored.
//
// An event that does not fit (an end without a start, a second start) changes nothing.
// `LlmHandler::stats().ignored` counts it, and a debug diagnostic names the run. Any kind of end
// event ends any kind of run. A run id may be used again once its run has ended and does not
// wait for its usage. When nothing is configured, no run begins and no event is counted.
//
// A flush does not end open runs. It submits the ended runs that are held, because each handler is
// a flush source (see `register_flush_source`).
class LlmHandler {
 public:
  LANGFUSE_LOCAL LlmHandler() noexcept : LlmHandler(LlmHandlerOptions()) {}
  // Without memory for it, the handler ignores every event, and a diagnostic reports that.
  LANGFUSE_API explicit LlmHandler(const LlmHandlerOptions& options) noexcept;
  // Submits the runs that are held, and ends the open ones with level `warning`. Does not flush.
  // REQUIRES: no event is in progress. Destroy it before `shutdown()`, after which nothing is sent.
  LANGFUSE_API ~LlmHandler();
  LlmHandler(const LlmHandler&) = delete;
  LlmHandler& operator=(const LlmHandler&) = delete;

  // Begins a call of a model: a generation that is named after the model. `run_id`: any text that
  // no other open run of this handler has; copied. `parent_run_id`: the open run that it belongs
  // to; empty: it begins below the current observation of the calling thread. `input`: any value
  // that `Observation::set_input` accepts. Without memory for the run, `DropReason::out_of_memory`
  // counts it.
  LANGFUSE_LOCAL void on_llm_start(std::string_view run_id, std::string_view model,
                                   internal::Value input,
                                   std::string_view parent_run_id = {}) noexcept {
    start(run_id, ObservationType::generation, model, input, parent_run_id);
  }
  // Adds one piece of the streamed answer, as `Observation::on_token` does. Works for a run of any
  // kind, and for a run that has ended and waits for its usage.
  LANGFUSE_API void on_llm_new_token(std::string_view run_id, std::string_view text) noexcept;
  // Ends a call now, with its output and usage. Without an output, the pieces together are the
  // output. With `LlmUsage::follows()` the run is held, and sent when `on_llm_usage` or a flush
  // comes.
  LANGFUSE_API void on_llm_end(std::string_view run_id,
                               std::optional<internal::Value> output = std::nullopt,
                               LlmUsage usage = {}) noexcept;
  // Sets the usage. A call that has ended is then complete; one that has not goes on.
  LANGFUSE_API void on_llm_usage(std::string_view run_id, LlmUsage usage) noexcept;
  // Ends a call that failed, with level `error`. `what` is the status message; empty: none is set.
  LANGFUSE_LOCAL void on_llm_error(std::string_view run_id, std::string_view what) noexcept {
    fail(run_id, what);
  }
  // Ends a call that failed by `exception`, with level `error` and the status message `Type:
  // what()`, as `Observation::record_exception` sets them.
  template <class Exception, class = decltype(std::declval<const Exception&>().what())>
  LANGFUSE_LOCAL void on_llm_error(std::string_view run_id, const Exception& exception) noexcept {
    fail_by(run_id, exception);
  }

  // Chains are the steps of a workflow around model calls. A start begins a run as `on_llm_start`
  // does, an end ends it with its output, and an error ends it with level `error`, as
  // `on_llm_error` does.
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

  // Tools are functions that the model calls. Their events work as those of chains.
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

  // Retrievers are searches for what the model should know. Their events work as those of chains.
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

  // Sets any other value of a run (name, type, model parameters, prompt, cost, metadata):
  //
  //   handler.update("run-2", [](auto& run) { run.set_model_parameter("temperature", 0.2); });
  //
  // Calls `f` with the `Observation&` of a run that is open, or has ended and waits for its usage;
  // lets its exceptions through. False if there is no such run; `f` is then not called. REQUIRES:
  // `f` neither ends nor moves the observation.
  template <class F>
  LANGFUSE_LOCAL bool update(std::string_view run_id, F&& f) {
    return update_run(run_id, [&f](Observation& run) { f(run); });
  }

  // Submits the ended runs that are held, then calls `langfuse::flush`, which blocks.
  LANGFUSE_API FlushResult flush() noexcept;
  LANGFUSE_API FlushResult flush(Timeout timeout) noexcept;
  // The process-wide client.
  LANGFUSE_LOCAL ClientHandle client() const noexcept { return get_client(); }

  // The counters now. Any thread.
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

  // Owned by the registered flush source, which may still be running when the handler is destroyed.
  internal::LlmRuns* runs_ = nullptr;
  std::uint64_t flush_source_ = 0;
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/llm_handler_stubs.h"
#endif
