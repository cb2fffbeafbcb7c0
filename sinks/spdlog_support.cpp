#include "langfuse/sinks/spdlog_support.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <new>
#include <utility>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/diagnostics.h"
#include "model/forks.h"
#include "model/mutex.h"
#include "pipeline/flush_sources.h"
#include "sinks/spdlog_drain.h"
#include "sinks/spdlog_shared.h"
#include "tracing/context/context_history.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

SpdlogShared& SpdlogShared::get() noexcept {
  alignas(SpdlogShared) static unsigned char storage[sizeof(SpdlogShared)];
  static SpdlogShared* const instance = new (storage) SpdlogShared;
  return *instance;
}

void SpdlogShared::begin_census() noexcept {
  for (LiveSink* live = sinks; live != nullptr; live = live->next) live->is_seen = false;
}

bool SpdlogShared::is_any_missing() const noexcept {
  for (LiveSink* live = sinks; live != nullptr; live = live->next) {
    if (!live->is_seen) return true;
  }
  return false;
}

namespace {

thread_local bool is_sending = false;      // this thread is inside `LoggerQueue::send`
thread_local bool has_lost_queue = false;  // there it was told that there is no queue
thread_local bool has_ended = false;       // this thread's `pool_thread` is destroyed
thread_local PoolThread pool_thread;
thread_local PoolThread* listed_thread = nullptr;  // `pool_thread`, or null where it is not listed

void list(SpdlogShared& all, PoolThread& thread) noexcept LANGFUSE_REQUIRES(all.mutex) {
  if (thread.is_listed || has_ended) return;
  thread.is_listed = true;
  thread.next = all.threads;
  if (all.threads != nullptr) all.threads->previous = &thread;
  all.threads = &thread;
  ++all.threads_seen;
  listed_thread = &thread;
}

// A marker came through after all.
void forget_gone(SpdlogShared& all, const std::weak_ptr<void>& logger) noexcept
    LANGFUSE_REQUIRES(all.mutex) {
  all.gone.erase(std::remove_if(all.gone.begin(), all.gone.end(),
                                [&logger](const std::weak_ptr<void>& gone) {
                                  return is_same_logger(gone, logger);
                                }),
                 all.gone.end());
}

// A child that was forked while a thread of ours was in spdlog's registry would find that locked.
std::atomic<bool> is_listing{false};
std::atomic<bool> may_list{true};

// The threads of pools are the parent's, and so is the memory that they are listed in. Without
// analysis: nobody else is in the library.
void take_over_shared() noexcept LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  SpdlogShared& all = SpdlogShared::get();
  if (all.mutex.was_held_at_fork()) {
    new (&all.watched) decltype(all.watched)();
    new (&all.gone) decltype(all.gone)();
  }
  if (is_listing.exchange(false)) may_list.store(false);
  all.is_draining = false;
  all.is_in_child.store(true);
  all.threads = nullptr;
  all.threads_seen = 0;
  all.threads_confirmed = 0;
  if (listed_thread == nullptr) return;
  listed_thread->is_listed = false;
  listed_thread->previous = nullptr;
  listed_thread->next = nullptr;
  listed_thread = nullptr;
}

ForkEntry spdlog_entry{take_over_shared};

}  // namespace

bool is_same_logger(const std::weak_ptr<void>& one, const std::weak_ptr<void>& other) noexcept {
  return !one.owner_before(other) && !other.owner_before(one);
}

bool SpdlogShared::is_gone(const std::weak_ptr<void>& logger) const noexcept {
  return std::any_of(gone.begin(), gone.end(), [&logger](const std::weak_ptr<void>& each) {
    return is_same_logger(each, logger);
  });
}

PoolThread::~PoolThread() {
  has_ended = true;
  listed_thread = nullptr;
  SpdlogShared& all = SpdlogShared::get();
  const MutexLock lock(all.mutex);
  if (!is_listed) return;
  (previous != nullptr ? previous->next : all.threads) = next;
  if (next != nullptr) next->previous = previous;
  all.changed.notify_all();
}

void Passage::finish(State* state, bool has_arrived) noexcept {
  if (state == nullptr) return;
  SpdlogShared& all = SpdlogShared::get();
  const MutexLock lock(all.mutex);
  if (has_arrived) {
    state->fate = State::Fate::arrived;
  } else {
    state->fate = is_sending ? State::Fate::refused : State::Fate::overrun;
  }
  if (has_arrived && is_sending) {
    state->is_synchronous = true;
  } else if (has_arrived && !has_ended) {
    list(all, pool_thread);
    pool_thread.is_foreign = false;
    pool_thread.logger = state->logger;
    forget_gone(all, state->logger);
    pool_thread.passed.store(state->drain, std::memory_order_release);
  }
  all.changed.notify_all();
  if (--state->owners == 0) delete state;
}

bool send_marker(LoggerQueue& queue, Passage marker) {
  has_lost_queue = queue.identity.expired();
  is_sending = true;
  try {
    queue.send(std::move(marker));
  } catch (const std::bad_alloc&) {
    // The marker is refused; there may be memory for the next.
  } catch (const std::exception&) {
    // The pool is gone, and it emptied its queue before it went.
    has_lost_queue = true;
  }
  is_sending = false;
  return !has_lost_queue;
}

void note_lost_queue(const std::string&) noexcept {
  has_lost_queue = is_sending;
}

LiveSink::LiveSink(const void* of) noexcept : sink(of) {
  SpdlogShared& all = SpdlogShared::get();
  const MutexLock lock(all.mutex);
  next = all.sinks;
  if (next != nullptr) next->previous = this;
  all.sinks = this;
  begin_context_trial();
}

LiveSink::~LiveSink() {
  end_trial();
  SpdlogShared& all = SpdlogShared::get();
  const MutexLock lock(all.mutex);
  (previous != nullptr ? previous->next : all.sinks) = next;
  if (next != nullptr) next->previous = previous;
}

void LiveSink::end_trial() noexcept {
  if (!is_on_trial.load(std::memory_order_relaxed)) return;
  if (is_on_trial.exchange(false, std::memory_order_relaxed)) end_context_trial();
}

void expect_pool_lines() noexcept {
  record_contexts();
}

bool LiveSink::contains(const void* sink) noexcept {
  SpdlogShared& all = SpdlogShared::get();
  const MutexLock lock(all.mutex);
  for (LiveSink* live = all.sinks; live != nullptr; live = live->next) {
    if (live->sink != sink) continue;
    live->is_seen = true;
    return true;
  }
  return false;
}

void note_pool_line(std::string_view logger) noexcept {
  SpdlogShared& all = SpdlogShared::get();
  PoolThread& thread = pool_thread;
  thread.line_logger.store(std::hash<std::string_view>()(logger), std::memory_order_relaxed);
  const std::uint64_t emptied = all.emptied.load(std::memory_order_acquire);
  if (thread.passed.load(std::memory_order_relaxed) < emptied) {
    thread.passed.store(emptied, std::memory_order_release);
  }
  // Only this thread sets it, and it stays set.
  if (thread.is_listed) return;
  const MutexLock lock(all.mutex);
  list(all, thread);
}

namespace {

// Lines through a front logger are captured where they are logged, and no marker comes through it.
void remove_fronts(std::vector<std::shared_ptr<LoggerQueue>>& queues) {
  const AttachLock lock;
  const auto is_front = [](const std::shared_ptr<LoggerQueue>& queue) {
    const std::shared_ptr<void> logger = queue->identity.lock();
    return logger != nullptr && find_front(logger.get()).get() == logger.get();
  };
  queues.erase(std::remove_if(queues.begin(), queues.end(), is_front), queues.end());
}

std::vector<std::shared_ptr<LoggerQueue>> find_queues(SpdlogShared& all) {
  LoggerQueues found;
  {
    const MutexLock list_lock(all.list_mutex);
    {
      const MutexLock lock(all.mutex);
      all.begin_census();
    }
    if (all.list != nullptr && may_list.load()) {
      const ForksWait forks_wait;
      is_listing.store(true);
      all.list(found);
      is_listing.store(false);
    }
  }
  std::vector<std::shared_ptr<LoggerQueue>> queues;
  {
    const MutexLock lock(all.mutex);
    queues = all.watched;
    const bool is_any_missing = all.is_any_missing();
    for (auto& queue : found) {
      if (queue->has_ours || is_any_missing) queues.push_back(std::move(queue));
    }
    queues.erase(std::remove_if(queues.begin(), queues.end(),
                                [&all](const std::shared_ptr<LoggerQueue>& queue) LANGFUSE_REQUIRES(
                                    all.mutex) { return all.is_gone(queue->identity); }),
                 queues.end());
  }
  remove_fronts(queues);
  return queues;
}

// Whether they came.
bool wait_for_lines(std::int64_t timeout) {
  constexpr std::int64_t longest = 1'000'000'000LL * 60 * 60 * 24 * 365;
  const Drain::Clock::time_point deadline =
      Drain::Clock::now() + std::chrono::nanoseconds(timeout < longest ? timeout : longest);
  SpdlogShared& all = SpdlogShared::get();
  {
    MutexLock lock(all.mutex);
    if (!all.changed.wait_until(lock, deadline,
                                [&all]() LANGFUSE_REQUIRES(all.mutex) { return !all.is_draining; }))
      return false;
    all.is_draining = true;
  }
  struct Done {
    SpdlogShared& all;
    ~Done() {
      const MutexLock lock(all.mutex);
      all.is_draining = false;
      all.changed.notify_all();
    }
  };
  const Done done{all};
  return Drain(find_queues(all), deadline).run();
}

// What a flush calls.
void flush_queues(std::int64_t timeout) noexcept {
  bool is_done = false;
  try {
    is_done = wait_for_lines(timeout);
  } catch (const std::exception&) {
    is_done = false;  // no memory: what is in the queues is not known to be out
  }
  static bool is_said = false;  // sources run one at a time
  if (!is_done) FlushSources::note_unfinished();
  if (!is_done && !is_said) {
    report(Diagnostic::Severity::warning,
           "a flush did not wait for all lines in the queues of asynchronous loggers: its time was "
           "over");
  }
  is_said = !is_done;
}

void register_once(SpdlogShared& all) LANGFUSE_REQUIRES(all.list_mutex) {
  if (all.is_registered) return;
  all.is_registered = true;
  register_flush_source("spdlog", [](std::int64_t timeout) { flush_queues(timeout); });
}

}  // namespace

void open_queues(void (*list)(LoggerQueues&)) {
  SpdlogShared& all = SpdlogShared::get();
  const MutexLock lock(all.list_mutex);
  all.list = list;
  register_once(all);
}

void close_queues() noexcept {
  try {
    wait_for_lines(1'000'000'000);
  } catch (const std::exception&) {
    // Out of memory at the end of the process: the queues' owners still empty them.
  }
  SpdlogShared& all = SpdlogShared::get();
  const MutexLock lock(all.list_mutex);
  all.list = nullptr;
}

void watch_queue(std::unique_ptr<LoggerQueue> queue) {
  SpdlogShared& all = SpdlogShared::get();
  {
    const MutexLock lock(all.mutex);
    all.watched.push_back(std::move(queue));
  }
  const MutexLock lock(all.list_mutex);
  register_once(all);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
