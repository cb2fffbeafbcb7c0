// Observations: the scopes that make a trace.
//
//   auto step = langfuse::observe();                    // named after the function it stands in
//   step.set_input(question);
//   auto call = langfuse::observe("chat", langfuse::ObservationType::generation);   // a child of
//   `step` call.set_model("qwen3-8b").set_usage("input", 812);
//
// An observation begins with `observe`, is the current one of its thread until it ends, and is sent
// when it ends: at the end of the C++ scope, or by `end()`. It is written, not read: a program's
// answer must not depend on being observed. This header is light on purpose; values of other types
// come with `langfuse/json.h` or with a specialisation of `AsJson`.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "langfuse/export.h"
#include "langfuse/ids.h"
#include "langfuse/tracing/context.h"

namespace langfuse {
inline namespace v0_1 {

// What kind of work an observation is; Langfuse shows each kind in its own way. `generation` is a
// call of a language model
// (`embedding`, of an embedding model), `event` has no duration.
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

// Where a specialisation of `AsJson` writes its JSON text.
class JsonText {
 public:
  // Appends `json` as it is.
  LANGFUSE_API void append(std::string_view json);
  // Appends `text` as a JSON string: quoted, escaped, repaired to valid UTF-8.
  LANGFUSE_API void append_string(std::string_view text);

 private:
  friend struct JsonTextAccess;
  explicit JsonText(void* buffer) noexcept : buffer_(buffer) {}
  void* buffer_;
};

// Tells the library how values of type `T` become JSON. Specialise it with
// `static void write(const T& value, JsonText& out)`, which appends one JSON value in valid UTF-8.
// What it throws is caught and counted; the value then reads `<not serializable>`.
template <class T, class Enable = void>
struct AsJson;

namespace internal {

struct ObservationState;

// A number that is written as one: no bool and no character, so that neither a literal nor a
// pointer turns into one.
template <class T>
constexpr bool is_number = std::is_arithmetic<T>::value && !std::is_same<T, bool>::value &&
                           !std::is_same<T, char>::value && !std::is_same<T, wchar_t>::value &&
#if defined(__cpp_char8_t)
                           !std::is_same<T, char8_t>::value &&
#endif
                           !std::is_same<T, char16_t>::value && !std::is_same<T, char32_t>::value;

template <class T, class = void>
struct HasAsJson : std::false_type {};
template <class T>
struct HasAsJson<
    T, std::void_t<decltype(AsJson<T>::write(std::declval<const T&>(), std::declval<JsonText&>()))>>
    : std::true_type {};

// A count on its way into an observation, clamped to 0 … 2^53 - 1. Takes nothing but numbers: JSON
// converts to any of them, and throws when it is none.
class TokenCount {
 public:
  template <class T, std::enable_if_t<is_number<T>, int> = 0>
  constexpr TokenCount(T value) noexcept {
    if (static_cast<double>(value) >= static_cast<double>(largest)) {
      count_ = largest;
    } else if (value > T(0)) {
      count_ = static_cast<std::int64_t>(value);
    }
  }

  constexpr std::int64_t count() const noexcept { return count_; }

 private:
  static constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
  std::int64_t count_ = 0;
};

// An amount of money in the same way, clamped to 0 … 999 999.
class DollarAmount {
 public:
  template <class T, std::enable_if_t<is_number<T>, int> = 0>
  constexpr DollarAmount(T value) noexcept {
    const double dollars = static_cast<double>(value);
    if (dollars >= largest) {
      dollars_ = largest;
    } else if (dollars > 0) {
      dollars_ = dollars;
    } else {
      is_known_ = dollars <= 0;
    }
  }

  constexpr double dollars() const noexcept { return dollars_; }
  // False for NaN.
  constexpr bool is_known() const noexcept { return is_known_; }

 private:
  static constexpr double largest = 999'999;
  double dollars_ = 0;
  bool is_known_ = true;
};

// A value on its way into an observation: a view on text, a number, a bool, or a way to write JSON.
// Lives as long as the call that it is an argument of.
class Value {
 public:
  enum class Kind : std::uint8_t { text, boolean, integer, unsigned_integer, real, json };

  Value(std::string_view text) noexcept : kind_(Kind::text), text_(text) {}
  // A null pointer is an empty text.
  Value(const char* text) noexcept
      : kind_(Kind::text), text_(text == nullptr ? std::string_view() : text) {}

  template <class T, std::enable_if_t<std::is_same<T, bool>::value, int> = 0>
  Value(T value) noexcept : kind_(Kind::boolean), integer_(value ? 1 : 0) {}

  template <class T, std::enable_if_t<is_number<T>, int> = 0>
  Value(T value) noexcept
      : kind_(std::is_floating_point<T>::value ? Kind::real
              : std::is_signed<T>::value       ? Kind::integer
                                               : Kind::unsigned_integer) {
    if constexpr (std::is_floating_point<T>::value) {
      real_ = static_cast<double>(value);
    } else {
      integer_ = static_cast<std::int64_t>(value);
    }
  }

  template <class T, std::enable_if_t<HasAsJson<T>::value, int> = 0>
  Value(const T& value) noexcept
      : kind_(Kind::json), object_(&value), write_([](const void* object, JsonText& out) {
          AsJson<T>::write(*static_cast<const T*>(object), out);
        }) {}

  // Anything that converts to text by itself, `std::string` for instance.
  template <class T, std::enable_if_t<!HasAsJson<T>::value && !std::is_arithmetic<T>::value &&
                                          !std::is_pointer<std::decay_t<T>>::value &&
                                          !std::is_same<T, std::string_view>::value &&
                                          !std::is_same<T, std::nullptr_t>::value &&
                                          std::is_convertible<const T&, std::string_view>::value,
                                      int> = 0>
  Value(const T& text) noexcept : kind_(Kind::text), text_(text) {}

  Kind kind() const noexcept { return kind_; }
  std::string_view text() const noexcept { return text_; }
  std::int64_t integer() const noexcept { return integer_; }
  double real() const noexcept { return real_; }
  void write(JsonText& out) const { write_(object_, out); }

 private:
  Kind kind_;
  std::string_view text_;
  union {
    std::int64_t integer_ = 0;
    double real_;
    const void* object_;
  };
  void (*write_)(const void*, JsonText&) = nullptr;
};

}  // namespace internal

// One open observation. A move-only handle; end it on any thread, use it from one thread at a time.
// One that was moved from, or has ended, ignores every call. When an exception unwinds through its
// scope it ends with level `error`.
//
// Text is UTF-8 and copied; invalid sequences are repaired (U+FFFD); values beyond
// `Config::value_max_bytes` are cut and marked. A key that is set twice has the value set last.
// Setters never throw and never block; without memory the value is left out and counted. They are
// `&`-qualified: an observation that is not kept in a variable would end on its own line.
class [[nodiscard]] Observation {
 public:
  // An observation that has ended.
  Observation() noexcept = default;
  Observation(Observation&& other) noexcept : state_(other.state_) { other.state_ = nullptr; }
  // Ends what this handle held.
  Observation& operator=(Observation&& other) noexcept {
    if (this != &other) {
      end();
      state_ = other.state_;
      other.state_ = nullptr;
    }
    return *this;
  }
  ~Observation() {
    if (state_ != nullptr) end_with_scope();
  }

  // `value`: text (`std::string_view`, literals, `std::string`), a number, a bool, or any type with
  // an `AsJson`, which is stored as JSON.
  LANGFUSE_API Observation& set_input(internal::Value value) & noexcept;
  LANGFUSE_API Observation& set_output(internal::Value value) & noexcept;
  // One entry of the metadata. Keys may contain dots; empty keys are refused. `resourceAttributes`,
  // `scope` and `attributes` are the server's own.
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
  // `temperature`, `max_tokens`, …: a number, a bool or text.
  LANGFUSE_API Observation& set_model_parameter(std::string_view name,
                                                internal::Value value) & noexcept;
  // Tokens of one kind: `input`, `output`, `input_cached_tokens`, `output_reasoning_tokens`,
  // `total`, or any other. Kinds are disjoint: `input` excludes cached tokens. Clamped to 0 … 2^53
  // - 1.
  LANGFUSE_API Observation& set_usage(std::string_view kind,
                                      internal::TokenCount tokens) & noexcept;
  // US dollars of one kind; when any is set, the server computes none itself and takes `total` as
  // given. Clamped to 0 … 999 999; NaN is left out.
  LANGFUSE_API Observation& set_cost(std::string_view kind,
                                     internal::DollarAmount dollars) & noexcept;

  // Ends it now, and sends it. Later calls do nothing.
  LANGFUSE_API void end() & noexcept;

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
  explicit Observation(internal::ObservationState* state) noexcept : state_(state) {}
  LANGFUSE_API void end_with_scope() noexcept;

  internal::ObservationState* state_ = nullptr;
};

// Begins an observation as a child of the current one, or as the root of a new trace, and makes it
// the current one of this thread. Costs one atomic load when nothing is configured. `name`: UTF-8,
// copied.
LANGFUSE_API Observation observe(std::string_view name,
                                 ObservationType type = ObservationType::span) noexcept;

// The same below `parent`, which may belong to another thread or process; an invalid one makes a
// root. A `SpanContext` counts as another process's: the observation is then shown as the first of
// this process. Its sampling follows the trace id; that of a local `Context`, the context.
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

}  // namespace v0_1
}  // namespace langfuse
