// What an open observation knows: the pooled object behind an `Observation`.
//
// A state is never freed, only used again, so that a thread which still has a frame for it (see
// `thread_context.h`) may always look at its generation. Everything else belongs to whoever holds
// the handle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "langfuse/ids.h"
#include "langfuse/tracing/start_observation.h"
#include "model/mutex.h"
#include "tracing/bytes/growing_array.h"
#include "tracing/bytes/keyed_pieces.h"
#include "tracing/context/observation_life.h"
#include "tracing/context/thread_context.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;
struct PropagatedBlock;

// Memory that a state keeps for its next observation; more than that is given back.
constexpr std::size_t largest_kept_text = 4 * 1024;
constexpr std::size_t largest_kept_json = 64 * 1024;

// What `on_token` gathered.
struct TokenStream {
  // As they came: what is not UTF-8 may only be incomplete. No more than what will be kept.
  GrowingArray<char> text;
  std::size_t full_size = 0;  // of all of it; 0: there is no text to become the output
  std::uint64_t count = 0;
  std::int64_t first_steady_ns = 0;
  std::int64_t last_steady_ns = 0;

  void clear_text(std::size_t capacity_to_keep) noexcept {
    text.clear(capacity_to_keep);
    full_size = 0;
  }
};

// Log lines that became a part of the observation; see `observation_lines.h`.
struct ObservationLines {
  Mutex mutex;  // a leaf
  // Whole lines, and no more of them than will be kept.
  GrowingArray<char> text LANGFUSE_GUARDED_BY(mutex);
  std::size_t full_size LANGFUSE_GUARDED_BY(mutex) = 0;  // of all of them
};

struct ObservationState : ObservationLife {
  // The JSON objects that are put together from their members when the observation ends.
  enum Object : std::uint8_t { model_parameters, usage_details, cost_details };
  static constexpr std::size_t object_count = 3;

  ObservationState* next = nullptr;  // in a list of free states

  Client* client = nullptr;                     // the one in force when the observation began
  const PropagatedBlock* propagated = nullptr;  // counted; null: nothing
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;
  bool is_sampled = false;
  bool is_undecided = false;   // see `HeldTraces`
  bool is_local_root = false;  // the first of its trace in this process
  bool is_app_root = false;
  ObservationType type = ObservationType::span;
  Level level = Level::info;
  FlushOnEnd flush_on_end = FlushOnEnd::no;
  bool has_completion_start = false;
  // Its attributes exceed `record_max_bytes` even with every text cut: it will be dropped as such.
  bool is_too_large = false;
  bool has_parts = false;       // of metadata that are JSON objects; see `flattened_metadata.h`
  int uncaught_exceptions = 0;  // when it began
  std::int64_t start_unix_nano = 0;
  std::int64_t start_steady_ns = 0;
  // Up to how many bytes of attributes a value is written at once; 0: never. See `short_way.h`.
  std::size_t at_once_limit = 0;

  GrowingArray<char> name;  // valid UTF-8, already cut
  KeyedPieces attributes;
  ObservationLines lines;

  // What most observations have nothing of. Whoever may write to it says so by asking for it, and
  // only then is it cleared for the next observation.
  struct More {
    // Valid UTF-8, already cut.
    GrowingArray<char> status_message;
    GrowingArray<char> version;
    GrowingArray<char> prompt_name;
    std::int64_t prompt_version = 0;  // 0: no prompt
    TokenStream tokens;
    KeyedPieces members[object_count];  // `,"key":value` each
    GrowingArray<char> json;            // room for a value that is being written as JSON
    std::size_t cut_for_room = 0;       // how many texts, to bound the memory they take

    void clear() noexcept;
  };
  More& more() noexcept {
    has_more_ = true;
    return more_;
  }
  const More& more() const noexcept { return more_; }
  bool has_more() const noexcept { return has_more_; }
  void clear_more() noexcept {
    if (has_more_) more_.clear();
    has_more_ = false;
  }

 private:
  bool has_more_ = false;
  More more_;
};

// The observation of a frame; null for the frame of a scope.
inline ObservationState* state_of(const ContextFrame& frame) noexcept {
  return static_cast<ObservationState*>(frame.life);
}

// Now, as ns since the Unix epoch: the wall clock when the observation began, and the steady clock
// since then.
std::int64_t now_of(const ObservationState& state) noexcept;

// A state that nobody uses, cleared; null when there is no memory. Allocates only when no ended
// observation left one. Any thread, also in destructors of thread-locals and of statics.
ObservationState* acquire_observation_state() noexcept;

// Gives it back. REQUIRES: the generation was changed, and nobody uses the state any more.
void release_observation_state(ObservationState* state) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
