// Waits until the lines in the queues of asynchronous loggers have reached their sinks.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sinks/spdlog_shared.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Waits for the lines that are in the queues now. An object is used once; one at a time.
//
// A marker that comes out proves that all lines before it were taken out, not that they reached the
// sink: another thread of the same pool may still hold one. So markers are sent until each thread
// known to work for one of the queues has shown that it took something later. A thread that is not
// known yet gets some time to appear, once. A full queue that accepts no marker is tried until it
// does, because its lines are waited for as well.
//
// In a forked child a queue may have left its threads in the parent: then no marker ever comes out.
// It is given up, and named once, where the process has no thread that could be one of a pool, or
// where for half a second no thread shows itself that may work for it.
class Drain {
 public:
  using Clock = std::chrono::steady_clock;

  // Throws only for lack of memory, as does `run`.
  Drain(std::vector<std::shared_ptr<LoggerQueue>> queues, Clock::time_point deadline);

  // True if all lines came out before the deadline.
  bool run();

 private:
  struct Entry {
    std::shared_ptr<LoggerQueue> queue;
    Passage::State* passage = nullptr;
    bool is_lost = false;     // the queue is gone
    bool is_through = false;  // all lines that were in it when the drain began are out
    bool is_over = false;     // needs no more markers
    bool is_gone = false;     // its threads stayed in the parent of this process
  };

  bool send_markers();
  bool wait_for_markers(MutexLock& lock, Clock::time_point until) LANGFUSE_REQUIRES(all_.mutex);
  std::string give_up_on_gone(bool is_alone) LANGFUSE_REQUIRES(all_.mutex);
  void send(Entry& entry) const;
  void settle(Entry& entry) LANGFUSE_REQUIRES(all_.mutex);
  bool is_done();
  bool may_serve(const PoolThread& thread, const Entry& wanted) const LANGFUSE_REQUIRES(all_.mutex);
  bool works_for_us(const PoolThread& thread) const;
  void wait_a_little();

  SpdlogShared& all_ = SpdlogShared::get();
  const Clock::time_point deadline_;
  Clock::time_point emptied_at_;  // when all lines had left the queues; the epoch: not yet
  std::vector<Entry> entries_;
  std::uint64_t number_ = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
