// Scores: what somebody or something thinks of a trace, an observation, a session or the run of a
// data set.
//
//   call.score("answer-relevance", 0.92);             // this observation
//   call.score_trace("resolved", true);               // its whole trace
//
//   langfuse::Score score("user-feedback", "helpful");  // later, or elsewhere: by id
//   score.trace_id = langfuse::TraceId::from_hex(id_from_the_web_page);
//   score.comment = "what the user wrote";
//   langfuse::create_score(score);
//
// A score is sent with the next batch, as everything else is. Scores of a trace that is not in the
// sample are not sent. One that no server would take is refused: a diagnostic names the field, and
// it is counted as `DropReason::invalid`. `Config::mask` has no say in scores: what may not be sent
// must not be said in a comment, in metadata or in a text. Nothing here throws (copying text into a
// `Score` may) or blocks; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/ids.h"
#include "langfuse/tracing/observe.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// How Langfuse reads a value. `implied`: a number is NUMERIC, a bool BOOLEAN, a text CATEGORICAL.
enum class ScoreDataType : std::uint8_t {
  implied,
  numeric,      // a finite number
  boolean,      // a bool, or one of the numbers 0 and 1
  categorical,  // a text: the category
  text,         // a text of 1 to 500 characters (UTF-16 code units)
  correction,  // a text: what the output should have been; of a trace or an observation only, shown
               // under the name `output`, without `config_id`
};

// A number, a bool or a text: each is taken as what it is, and nothing is converted.
class ScoreValue {
 public:
  enum class Kind : std::uint8_t { number, boolean, text };

  ScoreValue(std::string text) noexcept : kind_(Kind::text), text_(std::move(text)) {}
  ScoreValue(std::string_view text) : kind_(Kind::text), text_(text) {}
  // A null pointer is an empty text.
  ScoreValue(const char* text) : kind_(Kind::text), text_(text == nullptr ? "" : text) {}
  ScoreValue(std::nullptr_t) = delete;
  template <class T, std::enable_if_t<std::is_same<T, bool>::value, int> = 0>
  ScoreValue(T value) noexcept : kind_(Kind::boolean), number_(value ? 1 : 0) {}
  template <class T, std::enable_if_t<internal::is_number<T>, int> = 0>
  ScoreValue(T value) noexcept : kind_(Kind::number), number_(static_cast<double>(value)) {}

  Kind kind() const noexcept { return kind_; }
  double number() const noexcept { return number_; }  // 0 or 1 of a bool, 0 of a text
  const std::string& text() const noexcept { return text_; }

 private:
  Kind kind_;
  double number_ = 0;
  std::string text_;
};

// What may be said of a score beside its name and value; nothing has to be. Text is UTF-8; invalid
// sequences are repaired (U+FFFD).
struct ScoreDetails {
  ScoreDataType data_type = ScoreDataType::implied;
  std::string comment;  // cut after `Config::value_max_bytes`, as text values are
  // The text of a JSON object. The server puts any other JSON under the key `metadata`; what is no
  // JSON, or longer than `Config::value_max_bytes`, is sent as a string.
  std::string metadata;
  // A score replaces an earlier one with the same id. At most 800 characters, no carriage return,
  // as every id here. Default: a random UUID. The server keeps the score with the latest time, and
  // the first of several with the same one, in ms; so scores of this process with one id get rising
  // times. The last few thousand ids are remembered.
  std::string id;
  std::string config_id;  // of a score configuration, which name, type and value must then match
  // As `Config::environment`. Default: the propagated one, of the observation that is scored or of
  // where the score is made (see `propagate_attributes`), else that of `Config`.
  std::string environment;
  // ns since the Unix epoch, kept in ms. 0: now, or 1 ms after the last score of this process with
  // the same id. Any other time is sent as it is; the first that is not after that score's is
  // reported, because the server keeps the older score.
  std::int64_t timestamp_unix_nano = 0;
};

// A score with what it is about: a trace, an observation in a trace, a session, or the run of a
// data set. None of them needs to have been sent before.
struct Score : ScoreDetails {
  Score(std::string score_name, ScoreValue score_value) noexcept
      : name(std::move(score_name)), value(std::move(score_value)) {}

  std::string name;  // not empty
  ScoreValue value;

  // Exactly one of `trace_id`, `session_id` and `dataset_run_id`; `observation_id` needs its trace.
  TraceId trace_id;
  SpanId observation_id;
  std::string session_id;
  std::string dataset_run_id;
};

LANGFUSE_API void create_score(const Score& score) noexcept;

// Scores the current observation of this thread, or its trace; refused where there is none.
LANGFUSE_API void score_current_span(std::string_view name, const ScoreValue& value,
                                     const ScoreDetails& details = {}) noexcept;
LANGFUSE_API void score_current_trace(std::string_view name, const ScoreValue& value,
                                      const ScoreDetails& details = {}) noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/score_stubs.h"
#endif
