// What buffers in front of the queue, and the thread on which a flush asks it to let go.
//
// Sources run in order of registration, one at a time, on a thread of their own, because one may
// hang: a flush then goes on without it, names it once, and leaves it out until it has returned.
// They may create records; that same flush delivers them. The list outlives the client: what is
// registered before `init()` or between two runs stays.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/clock.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class FlushSources {
 public:
  FlushSources() = default;
  ~FlushSources() = delete;
  FlushSources(const FlushSources&) = delete;
  FlushSources& operator=(const FlushSources&) = delete;

  // The list of the process.
  static FlushSources& instance() noexcept;

  // The number to remove it by; 0 when there is no memory.
  std::uint64_t add(const char* name, FlushSource call) noexcept;
  bool remove(std::uint64_t id) noexcept;

  // Runs every source that is not still at it from before; returns when they are done or at
  // `deadline`. True when none was left out or behind. Any thread that may wait.
  bool run(SteadyTime deadline);

  // What a source of ours calls, on the thread that runs it, before it returns without having let
  // go of all that it held when it was called.
  static void note_unfinished() noexcept;
  // Whether one did so in its newest call.
  bool is_any_unfinished() noexcept;

  // Ends the thread, unless somebody waits for it; the next `run` starts another.
  void retire() noexcept;

  // Around a fork, for `instance()`: the child has the list, but neither the thread nor whoever
  // waits for it.
  static void before_fork() noexcept;
  static void after_fork_in_parent() noexcept;
  static void after_fork_in_child() noexcept;

 private:
  struct Source {
    std::uint64_t id = 0;
    std::string name;
    std::string threw;  // what is said, before its words, when it throws
    FlushSource call;
    SteadyTime deadline{};       // which the present call was told
    bool is_running = false;     // being called, or not back from a call
    bool is_reported = false;    // said to be late
    bool is_unfinished = false;  // by its own account, of its newest call
    bool is_removed = false;     // to be deleted when it is back
  };

  void work(std::uint64_t generation);
  Source* next_after(std::uint64_t id);
  void call_one(Source& source, std::unique_lock<std::mutex>& lock);
  bool start_worker();
  std::string give_up_on_thread() noexcept;
  void forget_threads() noexcept;

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::vector<std::unique_ptr<Source>> sources_;  // guarded by mutex_, in order of registration
  std::uint64_t next_id_ = 1;                     // guarded by mutex_
  std::uint64_t passes_wanted_ = 0;               // guarded by mutex_
  std::uint64_t passes_done_ = 0;                 // guarded by mutex_
  int waiting_ = 0;                               // guarded by mutex_; callers inside `run`
  SteadyTime deadline_{};                         // guarded by mutex_; the latest of those who wait
  // The thread that works carries the present generation; one that hangs in a source finds, when it
  // returns, that it has been replaced.
  std::uint64_t generation_ = 0;  // guarded by mutex_
  bool has_thread_ = false;       // guarded by mutex_
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
