// Traces outside the sample that are held until they have an error: `Config::keep_on_error`.
//
// Their records are encoded as usual and held here, before the queue: they are not submitted, and
// no flush waits for them. The first error in a trace submits all of its records, and later ones
// pass. If its local root ends without an error, the trace is forgotten. Traces and bytes are
// limited: the oldest trace goes first, but not one that was released and is still open. One mutex
// for each client, taken only for traces outside the sample.
#pragma once

#include <cstddef>
#include <list>
#include <vector>

#include "langfuse/ids.h"
#include "model/mutex.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

// The facts about a record that matter for its trace.
struct HeldRecord {
  TraceId trace_id;
  bool is_error = false;
  bool ends_trace = false;  // it is the local root
};

class HeldTraces {
 public:
  // The held traces of the client, never destroyed. Null when there is no memory, or for a client
  // that is not the newest and never held one. A newer client of the process ends the holding of
  // the one before.
  static HeldTraces* of(Client& client) noexcept;

  // `older`: the held traces of the client before; null: none.
  HeldTraces(Client& client, HeldTraces* older) noexcept : client_(client), older_(older) {}
  HeldTraces(const HeldTraces&) = delete;
  HeldTraces& operator=(const HeldTraces&) = delete;

  // Begins to hold a trace. Any thread.
  void open(const TraceId& trace_id) noexcept;

  // Holds the record, submits it, or counts it as sampled out. True when it was submitted or is
  // held. Any thread.
  bool take(const HeldRecord& about, EncodedRecord record) noexcept;

 private:
  struct Trace {
    TraceId id;
    std::vector<RecordPtr> records;
    std::size_t bytes = 0;
    bool is_released = false;
    bool is_over = false;  // released, and its local root has ended
  };

  void forget_all() noexcept;
  std::list<Trace>::iterator find(const TraceId& trace_id) noexcept LANGFUSE_REQUIRES(mutex_);
  void forget(const std::list<Trace>::iterator& trace) noexcept LANGFUSE_REQUIRES(mutex_);
  template <class Is>
  bool forget_oldest(Is is) noexcept LANGFUSE_REQUIRES(mutex_);
  template <class Is>
  std::size_t count(Is is) const noexcept LANGFUSE_REQUIRES(mutex_);
  void make_room() noexcept LANGFUSE_REQUIRES(mutex_);

  Client& client_;
  HeldTraces* const older_;
  Mutex mutex_;
  std::list<Trace> traces_ LANGFUSE_GUARDED_BY(mutex_);  // oldest first
  std::size_t bytes_ LANGFUSE_GUARDED_BY(mutex_) = 0;
};

// Submits a record of a sampled trace, or holds it while the sample is undecided. True when it was
// submitted or is held.
bool submit_or_hold(Client& client, bool is_undecided, const HeldRecord& about,
                    EncodedRecord record) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
