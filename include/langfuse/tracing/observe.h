// Observations: the scopes that make a trace.
//
//   auto step = langfuse::observe();                    // named after the enclosing function
//   step.set_input(question);
//   auto call = langfuse::observe("chat", langfuse::ObservationType::generation);  // below `step`
//   call.set_model("qwen3-8b").set_usage("input", 812);
//
// `observe` begins an observation. It is the current one of its thread until it ends: with its C++
// scope, or by `end()`. At its end it is sent. Its values can be set and not read, so a program's
// answer cannot depend on being observed. This header is light on purpose: for values of other
// types include `langfuse/json.h`, or specialise `AsJson`.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#if defined(__GXX_RTTI)
#include <typeinfo>
#endif

#include "langfuse/export.h"
#include "langfuse/ids.h"
#include "langfuse/tracing/context.h"
#include "langfuse/tracing/value.h"
#include "langfuse/unix_time.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// What kind of work an observation is. Langfuse shows each kind in its own way. A `generation` is a
// call of a language model, an `embedding` one of an embedding model. An `event` has no duration.
enum class ObservationType : std::uint8_t {
  span,
  generation,
  event,
  embedding,
  agent,
  tool,
  chain,
  retriever,
  evaluator,
  guardrail
};

// How serious the outcome is. Langfuse shows `info` as DEFAULT.
enum class Level : std::uint8_t { debug, info, warning, error };

class ScoreValue;  // both in `langfuse/tracing/score.h`
struct ScoreDetails;

// The kinds of tokens and of cost that the server knows by name; any other text is accepted as a
// kind of your own. Kinds are disjoint: `input` excludes cached tokens. (Langfuse's documentation,
// "Token & Cost Tracking".)
namespace usage_kind {
constexpr std::string_view input = "input";
constexpr std::string_view output = "output";
constexpr std::string_view total = "total";  // when it is not set, the server adds up the others
constexpr std::string_view input_cached_tokens = "input_cached_tokens";
constexpr std::string_view input_cache_creation = "input_cache_creation";
constexpr std::string_view input_audio_tokens = "input_audio_tokens";
constexpr std::string_view output_audio_tokens = "output_audio_tokens";
constexpr std::string_view output_reasoning_tokens = "output_reasoning_tokens";
// Anthropic's names for cached tokens. Langfuse has prices under these names.
constexpr std::string_view cache_read_input_tokens = "cache_read_input_tokens";
constexpr std::string_view cache_creation_input_tokens = "cache_creation_input_tokens";
}  // namespace usage_kind

namespace internal {

struct ObservationState;

// One entry of a list in braces for `set_usage_details` and `set_cost_details`.
template <class Amount>
struct Detail {
  std::string_view kind;
  Amount amount;
};

}  // namespace internal

// One open observation: a move-only handle. One thread at a time may use it, and any thread may end
// it. A handle that was moved from, or whose observation has ended, ignores every call. When an
// exception unwinds through the handle's scope, the observation ends with level `error`; without a
// status message of its own it gets "ended by an exception".
//
// Text is UTF-8 and copied; invalid sequences are repaired (U+FFFD). A value beyond
// `Config::value_max_bytes` is cut, marked and counted in `Stats::truncated`. A key that is set
// twice keeps its last value. Setters never throw, and never wait for the network or another
// thread. If there is no memory for a value, the value and the key's earlier one are left out; that
// is reported, and counted in `Stats::lost_values`. Setters are `&`-qualified: on a temporary they
// would set values of an observation that ends on the same line.
class [[nodiscard]] Observation {
 public:
  // A handle without an observation, as after `end()`.
  Observation() noexcept = default;
  Observation(Observation&& other) noexcept : state_(other.state_) { other.state_ = nullptr; }
  // Ends the observation that this handle held before.
  LANGFUSE_LOCAL Observation& operator=(Observation&& other) noexcept {
    if (this != &other) {
      // Both handles are set first: ending runs `Config::mask`, which may use either of them.
      Observation held(state_);
      state_ = other.state_;
      other.state_ = nullptr;
      held.end();
    }
    return *this;
  }
  LANGFUSE_LOCAL ~Observation() {
    if (state_ != nullptr) end_with_scope();
  }

  // What the work was given, and what came of it. `value`: text (`std::string_view`, a literal,
  // `std::string`), a number, a bool, or any type with an `AsJson`, which is stored as JSON.
  // Numbers and bools are sent as text. `set_output` also replaces what `on_token` collected
  // before. Masked by `Config::mask`.
  LANGFUSE_LOCAL Observation& set_input(internal::Value value) & noexcept;
  LANGFUSE_LOCAL Observation& set_output(internal::Value value) & noexcept;
  // Sets one entry of the metadata. A key may contain dots; an empty key is refused with a
  // diagnostic. The server uses the keys `resourceAttributes`, `scope` and `attributes` itself. A
  // JSON object becomes one entry for each path in it (`key.a.b`); these replace the entries of an
  // object that was set under `key` before (docs/tracing.md). Masked by `Config::mask`.
  LANGFUSE_LOCAL Observation& set_metadata(std::string_view key, internal::Value value) & noexcept;

  // An empty name is sent as `unnamed`.
  LANGFUSE_LOCAL Observation& set_name(std::string_view name) & noexcept;
  LANGFUSE_LOCAL Observation& set_type(ObservationType type) & noexcept;
  LANGFUSE_LOCAL Observation& set_level(Level level) & noexcept;
  // A sentence about the level, for instance what failed. Masked by `Config::mask`.
  LANGFUSE_LOCAL Observation& set_status_message(std::string_view message) & noexcept;
  // The version of the observed code or prompt flow.
  LANGFUSE_LOCAL Observation& set_version(std::string_view version) & noexcept;

  // The model's name, for generations and embeddings.
  LANGFUSE_LOCAL Observation& set_model(std::string_view model) & noexcept;
  // `temperature`, `max_tokens`, …: a number, a bool or text. An integer beyond 2^53 is sent as
  // text. An empty name is refused with a diagnostic.
  LANGFUSE_LOCAL Observation& set_model_parameter(std::string_view name,
                                                  internal::Value value) & noexcept;
  // Tokens of one kind (see `usage_kind`), clamped to 0 … 2^53 - 1. An empty kind is refused with a
  // diagnostic.
  LANGFUSE_LOCAL Observation& set_usage(std::string_view kind,
                                        internal::TokenCount tokens) & noexcept;
  // US dollars of one kind, clamped to 0 … 999 999. NaN and an empty kind are refused with a
  // diagnostic. If any cost is set, the server computes none itself, and takes `total` as given.
  LANGFUSE_LOCAL Observation& set_cost(std::string_view kind,
                                       internal::DollarAmount dollars) & noexcept;
  // Sets several kinds at once: `{{"input", 812}, {"output", 24}}`, or any map of kinds to numbers.
  // Other kinds keep what was set before. Throws only what reading the map throws.
  template <class Map>
  LANGFUSE_LOCAL Observation& set_usage_details(const Map& tokens_by_kind) & {
    for (const auto& [kind, tokens] : tokens_by_kind) set_usage(kind, tokens);
    return *this;
  }
  LANGFUSE_LOCAL Observation& set_usage_details(
      std::initializer_list<internal::Detail<internal::TokenCount>> tokens_by_kind) & noexcept {
    return set_usage_details<>(tokens_by_kind);
  }
  template <class Map>
  LANGFUSE_LOCAL Observation& set_cost_details(const Map& dollars_by_kind) & {
    for (const auto& [kind, dollars] : dollars_by_kind) set_cost(kind, dollars);
    return *this;
  }
  LANGFUSE_LOCAL Observation& set_cost_details(
      std::initializer_list<internal::Detail<internal::DollarAmount>> dollars_by_kind) & noexcept {
    return set_cost_details<>(dollars_by_kind);
  }
  // Links a generation to the prompt it used: a name and a version (1 … 65535) in Langfuse. If
  // either is out of range, nothing is linked and a diagnostic reports it. Sent only if the
  // observation ends as a generation, because the server links no other type.
  LANGFUSE_LOCAL Observation& set_prompt(std::string_view name, std::int64_t version) & noexcept;
  // When the model began to answer; Langfuse computes the time to first token from it. It takes
  // precedence over what `on_token` measures. A time of the epoch or before is ignored.
  LANGFUSE_LOCAL Observation& set_completion_start_time(UnixTime time) & noexcept;

  // Adds one piece of a streamed answer; an empty piece is ignored. The time of the first piece is
  // the completion start time. All pieces together become the output, cut at
  // `Config::value_max_bytes`; a character that is split between two pieces is joined. After
  // `set_output`, a piece begins a new output, which replaces that one.
  LANGFUSE_LOCAL Observation& on_token(std::string_view text) & noexcept;
  // What `on_token` measured: the number of pieces that were not empty; the nanoseconds from the
  // observation's start to the first of them, 0 before it; pieces per second since the first, 0
  // before the second. All are 0 when nothing is configured, and after the end.
  LANGFUSE_API std::uint64_t token_count() const noexcept;
  LANGFUSE_API std::int64_t time_to_first_token() const noexcept;
  LANGFUSE_API double tokens_per_second() const noexcept;

  // Makes the trace readable for everybody who has its address. Call it on the root before opening
  // children. Everything this thread later opens or logs in the trace repeats it, because older
  // servers keep the last value received.
  LANGFUSE_LOCAL Observation& set_trace_as_public() & noexcept;

  // Inside a `catch` block: sets level `error` and, from the exception that is being handled, the
  // status message `Type: what()`. Takes exceptions of any type. Does nothing outside a `catch`
  // block.
  LANGFUSE_API Observation& record_exception() & noexcept;
  // Sets level `error`, and the status message `Type: what()` of `exception`. Without RTTI the
  // message is `what()` alone.
  template <class Exception, class = decltype(std::declval<const Exception&>().what())>
  LANGFUSE_LOCAL Observation& record_exception(
      [[maybe_unused]] const Exception& exception) & noexcept {
#if defined(LANGFUSE_DISABLED)
    return *this;
#elif defined(__GXX_RTTI)
    return record_exception(typeid(exception).name(), exception.what());
#else
    return record_exception(nullptr, exception.what());
#endif
  }

  // Ends the observation now. If its trace is sampled, it is sent with its batch. Later calls do
  // nothing.
  LANGFUSE_API void end() & noexcept;
  // Ends the observation now, with `time` as its end. A `time` before its start counts as the
  // start. An event ends where it starts, whatever `time` is.
  LANGFUSE_API void end(UnixTime time) & noexcept;

  // The observation's ids. They are valid also when the trace is not sampled. They are invalid when
  // the observation has ended, and when nothing is configured.
  LANGFUSE_API TraceId trace_id() const noexcept;
  LANGFUSE_API SpanId id() const noexcept;
  // The ids with sampling and propagated attributes, to be the parent of work elsewhere. It may
  // outlive the observation.
  LANGFUSE_API Context context() const noexcept;

  // Scores this observation, or its whole trace, with a number, a bool or a text. A score that the
  // server would refuse is not sent: a diagnostic names the field, and `DropReason::invalid` counts
  // it. To call these, include `langfuse/tracing/score.h`, which has the types.
  LANGFUSE_API void score(std::string_view name, const ScoreValue& value) const noexcept;
  LANGFUSE_API void score(std::string_view name, const ScoreValue& value,
                          const ScoreDetails& details) const noexcept;
  LANGFUSE_API void score_trace(std::string_view name, const ScoreValue& value) const noexcept;
  LANGFUSE_API void score_trace(std::string_view name, const ScoreValue& value,
                                const ScoreDetails& details) const noexcept;

 private:
  friend struct ObservationAccess;
  friend class CurrentObservation;
  explicit Observation(internal::ObservationState* state) noexcept : state_(state) {}
  LANGFUSE_API Observation& record_exception(const char* type_name, const char* what) & noexcept;
  LANGFUSE_API void end_with_scope() noexcept;

  internal::ObservationState* state_ = nullptr;
};

// Begins an observation and makes it the current one of this thread. It is a child of the current
// observation; without one it is the root of a new trace. `name`: UTF-8, copied. Without memory for
// it, the result ignores every call, and `DropReason::out_of_memory` counts it. Any thread. Costs
// one atomic load when nothing is configured.
LANGFUSE_LOCAL Observation observe(std::string_view name,
                                   ObservationType type = ObservationType::span) noexcept;

// Begins an observation below `parent`, which may belong to another thread or process, and makes it
// the current one of this thread. If `parent` has no span id, it becomes the root of `parent`'s
// trace, or of a new one. A `SpanContext` counts as remote: the trace is sampled by its id, and
// Langfuse shows the observation as the first one of this process. A local `Context` brings its own
// sampling decision; a remote one is treated as a `SpanContext`.
//
// The observation carries what this thread propagates (`propagate_attributes`), whatever its parent
// is. The attributes of a `Context` come on top.
LANGFUSE_API Observation observe(std::string_view name, ObservationType type,
                                 const SpanContext& parent) noexcept;
LANGFUSE_API Observation observe(std::string_view name, ObservationType type,
                                 const Context& parent) noexcept;

// Begins an observation that is named after the calling function, without template arguments; in a
// lambda or a call operator, `file:line`. It is placed as by `observe(name)`. Leave the last three
// arguments to the compiler.
LANGFUSE_LOCAL Observation observe(ObservationType type = ObservationType::span,
                                   const char* function = __builtin_FUNCTION(),
                                   const char* file = __builtin_FILE(),
                                   int line = __builtin_LINE()) noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/observe_stubs.h"
#else
#include "langfuse/tracing/observe_calls.h"
#endif
