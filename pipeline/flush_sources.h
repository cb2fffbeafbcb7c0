// The flush sources, which hand over what is buffered before the queue, and the thread that runs
// them. A forked child has the list, but neither that thread nor the callers that wait for it.
//
// Sources run in the order of registration, one at a time, on a thread of their own, because a
// source may hang. A flush then goes on without it, names it once, and leaves it out until it has
// returned. Sources may create records; the same flush delivers them. The list outlives the client:
// sources that are registered before `init()` or between two runs stay.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "model/forks.h"
#include "model/mutex.h"

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

  // Adds a source. Returns the number to remove it by; 0 when it is empty or there is no memory.
  std::uint64_t add(const char* name, FlushSource call) noexcept;
  bool remove(std::uint64_t id) noexcept;

  // Runs every source that is not still in an earlier call. Returns when they are done, or at
  // `deadline`. True when all sources ran and returned. Any thread that may wait.
  bool run(SteadyTime deadline);

  // Called by a source of ours, on the thread that runs it, before it returns without having handed
  // over all that it held when it was called.
  static void note_unfinished() noexcept;
  // True if a source called `note_unfinished` in its newest call.
  bool is_any_unfinished() noexcept;

  // Ends the thread, unless a `run` waits for it; the next `run` starts another.
  void retire() noexcept;

 private:
  struct Source {
    std::uint64_t id = 0;
    std::string name;
    std::string threw;  // how the report of its exception begins
    FlushSource call;
    SteadyTime deadline{};       // of the present call
    bool is_running = false;     // being called, or not back from a call
    bool is_reported = false;    // reported as late
    bool is_unfinished = false;  // it called `note_unfinished` in its newest call
    bool is_removed = false;     // to be deleted when it returns
    std::atomic<Source*> next{nullptr};
  };

  // In order of registration. A forked child finds the list whole, whatever another thread was
  // doing with it: a source is complete before one store puts it in, and one store takes it out.
  class List {
   public:
    Source* first() const noexcept { return first_.load(std::memory_order_acquire); }
    static Source* after(const Source& source) noexcept {
      return source.next.load(std::memory_order_acquire);
    }
    void append(std::unique_ptr<Source> source) noexcept;
    std::unique_ptr<Source> take_out(const Source& source) noexcept;
    template <class Is>
    Source* find(Is is) const {
      Source* source = first();
      while (source != nullptr && !is(*source)) source = after(*source);
      return source;
    }

   private:
    std::atomic<Source*> first_{nullptr};
  };

  void work(std::uint64_t generation);
  Source* next_after(std::uint64_t id) LANGFUSE_REQUIRES(mutex_);
  // Lets go of the mutex during the call.
  void call_one(Source& source) LANGFUSE_REQUIRES(mutex_);
  bool start_worker() LANGFUSE_REQUIRES(mutex_);
  std::string give_up_on_thread() noexcept LANGFUSE_REQUIRES(mutex_);

  // In a forked child, for `instance()`.
  static void in_child() noexcept;
  static ForkEntry fork_entry;

  Mutex mutex_;
  Condition work_;
  Condition done_;
  List sources_ LANGFUSE_GUARDED_BY(mutex_);
  std::uint64_t next_id_ LANGFUSE_GUARDED_BY(mutex_) = 1;
  std::uint64_t passes_wanted_ LANGFUSE_GUARDED_BY(mutex_) = 0;
  std::uint64_t passes_done_ LANGFUSE_GUARDED_BY(mutex_) = 0;
  int waiting_ LANGFUSE_GUARDED_BY(mutex_) = 0;        // callers inside `run`
  SteadyTime deadline_ LANGFUSE_GUARDED_BY(mutex_){};  // the latest of the callers'
  // The working thread has the present generation. A thread that hung in a source finds, when it
  // returns, that it has been replaced.
  std::uint64_t generation_ LANGFUSE_GUARDED_BY(mutex_) = 0;
  bool has_thread_ LANGFUSE_GUARDED_BY(mutex_) = false;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
