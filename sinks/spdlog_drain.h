// Waits until the lines in the queues of asynchronous loggers have reached their sinks.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
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
  };

  bool send_markers();
  void send(Entry& entry) const;
  static void settle(Entry& entry);
  bool is_done();
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
