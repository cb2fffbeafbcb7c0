// Traces outside the sample that are kept until it is known whether something goes wrong in them:
// `Config::keep_on_error`.
//
// What belongs to such a trace is encoded as ever and held here, in front of the queue: it was not
// submitted, and no flush waits for it. The first error in the trace submits all of it, and what
// follows passes; the end of its local root without one forgets it. Bounded by traces and bytes:
// the oldest trace goes first, but none that was released and goes on. One mutex for each client,
// taken only for traces outside the sample.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <vector>

#include "langfuse/ids.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

// What a record means for the trace that it belongs to.
struct HeldRecord {
  TraceId trace_id;
  bool is_error = false;
  bool ends_trace = false;  // it is the local root
};

class HeldTraces {
 public:
  // Those of the client, never destroyed; null when there is no memory, or for a client that is not
  // the newest and never held one. A forked child has a client of its own, and so no mutex that a
  // thread of its parent may have held. A client that comes later ends what the one before held.
  static HeldTraces* of(Client& client) noexcept;

  // `older`: of the client before; null: none.
  HeldTraces(Client& client, HeldTraces* older) noexcept : client_(client), older_(older) {}
  HeldTraces(const HeldTraces&) = delete;
  HeldTraces& operator=(const HeldTraces&) = delete;

  // A trace of this process begins. Any thread.
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

  std::unique_lock<std::mutex> lock() noexcept;
  void forget_all() noexcept;
  // All below: REQUIRES: `mutex_` is held.
  std::list<Trace>::iterator find(const TraceId& trace_id) noexcept;
  void forget(const std::list<Trace>::iterator& trace) noexcept;
  template <class Is>
  bool forget_oldest(Is is) noexcept;
  template <class Is>
  std::size_t count(Is is) const noexcept;
  void make_room() noexcept;

  Client& client_;
  HeldTraces* const older_;
  std::mutex mutex_;
  std::list<Trace> traces_;  // oldest first; guarded by mutex_
  std::size_t bytes_ = 0;    // guarded by mutex_
};

// The way of every record of a trace in the sample: held while the sample is undecided, or
// submitted. True when it was submitted or is held.
bool submit_or_hold(Client& client, bool is_undecided, const HeldRecord& about,
                    EncodedRecord record) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
