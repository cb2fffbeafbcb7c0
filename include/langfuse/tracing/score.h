// Scores: a judgement, by a person or a program, of a trace, an observation, a session or a data
// set run.
//
//   call.score("answer-relevance", 0.92);             // this observation
//   call.score_trace("resolved", true);               // its whole trace
//
//   langfuse::Score score("user-feedback", "helpful");  // later, or elsewhere: by id
//   score.trace_id = langfuse::TraceId::from_hex(id_from_the_web_page);
//   score.comment = "what the user wrote";
//   langfuse::create_score(score);
//
// A score is sent with the next batch of scores. A score of a trace outside the sample is not sent.
// A score that the server would refuse is not sent either: a diagnostic names the field, and
// `DropReason::invalid` counts it. `Config::mask` is not applied to scores: put nothing into a
// comment, metadata or text that must not be sent. Any thread. No function here blocks, and none
// throws, except that copying text into a `Score` may run out of memory.
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

// How Langfuse reads a value. `implied`: the value's type decides. A number is NUMERIC, a bool
// BOOLEAN, a text CATEGORICAL.
enum class ScoreDataType : std::uint8_t {
  implied,
  numeric,      // a finite number
  boolean,      // a bool, or one of the numbers 0 and 1
  categorical,  // a text: the category
  text,         // a text of 1 to 500 characters (UTF-16 code units)
  correction,   // a text: the right output, for a trace or an observation; shown under the name
                // `output`; `config_id` must be empty
};

// A number, a bool or a text. Each keeps its type.
class ScoreValue {
 public:
  enum class Kind : std::uint8_t { number, boolean, text };

  ScoreValue(std::string text) noexcept : kind_(Kind::text), text_(std::move(text)) {}
  ScoreValue(std::string_view text) : kind_(Kind::text), text_(text) {}
  // A null pointer counts as empty text.
  ScoreValue(const char* text) : kind_(Kind::text), text_(text == nullptr ? "" : text) {}
  ScoreValue(std::nullptr_t) = delete;
  template <class T, std::enable_if_t<std::is_same<T, bool>::value, int> = 0>
  ScoreValue(T value) noexcept : kind_(Kind::boolean), number_(value ? 1 : 0) {}
  template <class T, std::enable_if_t<internal::is_number<T>, int> = 0>
  ScoreValue(T value) noexcept : kind_(Kind::number), number_(static_cast<double>(value)) {}

  Kind kind() const noexcept { return kind_; }
  double number() const noexcept { return number_; }  // of a bool: 0 or 1; of a text: 0
  const std::string& text() const noexcept { return text_; }

 private:
  Kind kind_;
  double number_ = 0;
  std::string text_;
};

// The parts of a score besides its name and value, all optional. Text is UTF-8; invalid sequences
// are repaired (U+FFFD).
struct ScoreDetails {
  ScoreDataType data_type = ScoreDataType::implied;
  std::string comment;  // cut at `Config::value_max_bytes`, as text values are
  // The text of a JSON object. The server puts any other JSON under the key `metadata`. Text that
  // is not JSON, or is longer than `Config::value_max_bytes`, is sent as a string, and cut there.
  std::string metadata;
  // A score replaces an earlier one with the same id. At most 800 characters (UTF-16 code units),
  // without carriage return, as for every id here. Default: a random UUID.
  //
  // Among scores with one id, the server keeps the one with the latest time in milliseconds; at
  // equal times, the first. So scores of this process with one id get rising times, unless you set
  // them. The last few thousand ids are remembered for that.
  std::string id;
  std::string config_id;  // of a score configuration; name, type and value must match it
  // An environment by the rules of `Config::environment`. Default: the one propagated at the scored
  // observation, or else at the place of the call (see `propagate_attributes`). Without one,
  // `Config::environment`.
  std::string environment;
  // ns since the Unix epoch, not negative; the server keeps ms. 0: now, or 1 ms after the last
  // score of this process with the same id, whichever is later. Any other time is sent unchanged.
  // If it is not later than that score's, the server keeps the older score; this is reported once
  // for each id.
  std::int64_t timestamp_unix_nano = 0;
};

// A score with its target: a trace, an observation in a trace, a session, or a data set run. The
// target need not have been sent yet.
struct Score : ScoreDetails {
  Score(std::string score_name, ScoreValue score_value) noexcept
      : name(std::move(score_name)), value(std::move(score_value)) {}

  std::string name;  // not empty
  ScoreValue value;

  // Exactly one of `trace_id`, `session_id` and `dataset_run_id`. `observation_id` needs
  // `trace_id`.
  TraceId trace_id;
  SpanId observation_id;
  std::string session_id;
  std::string dataset_run_id;
};

// Sends a score. A score with a trace id follows the sampling of that trace; scores of sessions and
// data set runs are always sent.
LANGFUSE_API void create_score(const Score& score) noexcept;

// Scores the current observation of this thread, or its whole trace. Without one the score is
// refused, with a diagnostic, and counted in `DropReason::invalid`.
LANGFUSE_API void score_current_span(std::string_view name, const ScoreValue& value,
                                     const ScoreDetails& details = {}) noexcept;
LANGFUSE_API void score_current_trace(std::string_view name, const ScoreValue& value,
                                      const ScoreDetails& details = {}) noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/score_stubs.h"
#endif
