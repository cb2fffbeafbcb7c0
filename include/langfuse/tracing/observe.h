// Observations: the scopes that make a trace.
//
//   auto step = langfuse::observe();                    // named after the function it stands in
//   step.set_input(question);
//   auto call = langfuse::observe("chat", langfuse::ObservationType::generation);  // below `step`
//   call.set_model("qwen3-8b").set_usage("input", 812);
//
// An observation begins with `observe`, is the current one of its thread until it ends, and is sent
// when it ends: at the end of the C++ scope, or by `end()`. It is written, not read: a program's
// answer must not depend on being observed. This header is light on purpose; values of other types
// come with `langfuse/json.h` or with a specialisation of `AsJson`.
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

// What kind of work an observation is; Langfuse shows each kind in its own way. `generation` is a
// call of a language model (`embedding`, of an embedding model), `event` has no duration.
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

// How bad it is. `info` is what Langfuse calls DEFAULT.
enum class Level : std::uint8_t { debug, info, warning, error };

class ScoreValue;  // both in `langfuse/tracing/score.h`
struct ScoreDetails;

// The kinds of tokens and of cost that the server knows by name; any other text is a kind, too.
// Kinds are disjoint: `input` excludes cached tokens. (Langfuse's "Token & Cost Tracking".)
namespace usage_kind {
constexpr std::string_view input = "input";
constexpr std::string_view output = "output";
constexpr std::string_view total = "total";  // without it, the server adds up
constexpr std::string_view input_cached_tokens = "input_cached_tokens";
constexpr std::string_view input_cache_creation = "input_cache_creation";
constexpr std::string_view input_audio_tokens = "input_audio_tokens";
constexpr std::string_view output_audio_tokens = "output_audio_tokens";
constexpr std::string_view output_reasoning_tokens = "output_reasoning_tokens";
// As Anthropic's interface calls them, priced under these names.
constexpr std::string_view cache_read_input_tokens = "cache_read_input_tokens";
constexpr std::string_view cache_creation_input_tokens = "cache_creation_input_tokens";
}  // namespace usage_kind

namespace internal {

struct ObservationState;

// One entry of what `set_usage_details` and `set_cost_details` take in braces.
template <class Amount>
struct Detail {
  std::string_view kind;
  Amount amount;
};

}  // namespace internal

// One open observation. A move-only handle; end it on any thread, use it from one thread at a time.
// One that was moved from, or has ended, ignores every call. When an exception unwinds through its
// scope it ends with level `error`.
//
// Text is UTF-8 and copied; invalid sequences are repaired (U+FFFD); values beyond
// `Config::value_max_bytes` are cut and marked. A key that is set twice has the value set last.
// Setters never throw and never block. A value that finds no memory is left out, with what the key
// had before; that is reported and counted in `Stats::lost_values`. Setters are `&`-qualified: an
// observation that is not kept in a variable would end on its own line.
class [[nodiscard]] Observation {
 public:
  // An observation that has ended.
  Observation() noexcept = default;
  Observation(Observation&& other) noexcept : state_(other.state_) { other.state_ = nullptr; }
  // Ends what this handle held.
  LANGFUSE_LOCAL Observation& operator=(Observation&& other) noexcept {
    if (this != &other) {
      // Both handles first: a mask runs at the end, and may use them.
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

  // `value`: text (`std::string_view`, literals, `std::string`), a number, a bool, or any type with
  // an `AsJson`, which is stored as JSON. Numbers and bools are sent as their text.
  LANGFUSE_API Observation& set_input(internal::Value value) & noexcept;
  LANGFUSE_API Observation& set_output(internal::Value value) & noexcept;
  // One entry of the metadata. Keys may contain dots; empty keys are refused. `resourceAttributes`,
  // `scope` and `attributes` are the server's own. A JSON object becomes one entry for each path in
  // it (`key.a.b`), and replaces what an object set under `key` before: docs/tracing.md.
  LANGFUSE_API Observation& set_metadata(std::string_view key, internal::Value value) & noexcept;

  // Not empty; an empty name is shown as `unnamed`.
  LANGFUSE_API Observation& set_name(std::string_view name) & noexcept;
  LANGFUSE_API Observation& set_type(ObservationType type) & noexcept;
  LANGFUSE_API Observation& set_level(Level level) & noexcept;
  LANGFUSE_API Observation& set_status_message(std::string_view message) & noexcept;
  // The version of what the observation observes (a prompt flow, a component).
  LANGFUSE_API Observation& set_version(std::string_view version) & noexcept;

  // For generations and embeddings.
  LANGFUSE_API Observation& set_model(std::string_view model) & noexcept;
  // `temperature`, `max_tokens`, …: a number, a bool or text. Integers beyond 2^53 become text.
  LANGFUSE_API Observation& set_model_parameter(std::string_view name,
                                                internal::Value value) & noexcept;
  // Tokens of one kind (see `usage_kind`). Clamped to 0 … 2^53 - 1.
  LANGFUSE_API Observation& set_usage(std::string_view kind,
                                      internal::TokenCount tokens) & noexcept;
  // US dollars of one kind; when any is set, the server computes none itself and takes `total` as
  // given. Clamped to 0 … 999 999; NaN is left out.
  LANGFUSE_API Observation& set_cost(std::string_view kind,
                                     internal::DollarAmount dollars) & noexcept;
  // Several at once: `{{"input", 812}, {"output", 24}}`, or any map of kinds to numbers. What was
  // set before under other kinds stays.
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
  // Links a generation to the prompt it used, by the name and version Langfuse knows it by. `name`
  // is not empty, `version` 1 … 65535, or both are refused. Not sent unless the observation ends as
  // a generation: the server links nothing else.
  LANGFUSE_API Observation& set_prompt(std::string_view name, std::int64_t version) & noexcept;
  // When the model began to answer: what Langfuse computes the time to first token from. Beats what
  // `on_token` found. A moment of the epoch or before is refused.
  LANGFUSE_API Observation& set_completion_start_time(UnixTime time) & noexcept;

  // One piece of a streamed answer. The first that is not empty is the completion's start. The
  // pieces become the output, together: characters that are split between them are joined, and no
  // more is kept than `Config::value_max_bytes`. `set_output` replaces the pieces that came before
  // it, and a piece that comes after it begins a new output.
  LANGFUSE_API Observation& on_token(std::string_view text) & noexcept;
  // What `on_token` has seen: pieces that were not empty; ns from the start to the first of them, 0
  // without any; pieces per second after the first, 0 before the second. All 0 when nothing is
  // configured.
  LANGFUSE_API std::uint64_t token_count() const noexcept;
  LANGFUSE_API std::int64_t time_to_first_token() const noexcept;
  LANGFUSE_API double tokens_per_second() const noexcept;

  // Makes the trace readable for everybody who has its address. Say it on the root, before anything
  // is opened below: what this thread opens and logs in the trace from then on says it, too, since
  // servers that keep a table of traces believe what they hear last.
  LANGFUSE_API Observation& set_trace_as_public() & noexcept;

  // In a handler: level `error`, and the status message `Type: what()` of the exception that is
  // being handled, of any type. Does nothing outside a handler.
  LANGFUSE_API Observation& record_exception() & noexcept;
  // The same for an exception at hand. Without RTTI the message is `what()` alone.
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

  // Ends it now, and sends it. Later calls do nothing.
  LANGFUSE_API void end() & noexcept;
  // The same as of `time`; one before the start is the start. An event ends where it starts.
  LANGFUSE_API void end(UnixTime time) & noexcept;

  // Identity; invalid when the observation has ended or nothing is configured. Also valid when the
  // trace is not sampled.
  LANGFUSE_API TraceId trace_id() const noexcept;
  LANGFUSE_API SpanId id() const noexcept;
  // To be the parent of work elsewhere.
  LANGFUSE_API Context context() const noexcept;

  // Scores this observation, or the trace that it belongs to: a number, a bool or a text. The types
  // are in `langfuse/tracing/score.h`; include that to call these.
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

// Begins an observation as a child of the current one, or as the root of a new trace, and makes it
// the current one of this thread. Costs one atomic load when nothing is configured. `name`: UTF-8,
// copied.
LANGFUSE_API Observation observe(std::string_view name,
                                 ObservationType type = ObservationType::span) noexcept;

// The same below `parent`, which may belong to another thread or process; an invalid one makes a
// root, of the trace with its trace id where it has one. A `SpanContext` counts as another
// process's: the observation is then shown as the first of this process. Its sampling follows the
// trace id; that of a local `Context`, the context. What this thread propagates
// (`propagate_attributes`) reaches the observation whatever its parent is; what a `Context` carries
// itself comes on top.
LANGFUSE_API Observation observe(std::string_view name, ObservationType type,
                                 const SpanContext& parent) noexcept;
LANGFUSE_API Observation observe(std::string_view name, ObservationType type,
                                 const Context& parent) noexcept;

// The same, named after the function it is called from (without template arguments), or `file:line`
// in a lambda. Leave the last three arguments to the compiler.
LANGFUSE_API Observation observe(ObservationType type = ObservationType::span,
                                 const char* function = __builtin_FUNCTION(),
                                 const char* file = __builtin_FILE(),
                                 int line = __builtin_LINE()) noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/observe_stubs.h"
#endif
