#include "langfuse/sinks/spdlog_support.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using Clock = std::chrono::steady_clock;

// How long a drain waits, once, for pool threads that have never shown themselves: one that took
// its first line may wait for its turn on a loaded machine while it holds it. With 5 ms, one drain
// in 200 missed such a line where four threads wanted each core.
constexpr std::chrono::milliseconds discovery_time{50};
// How long it waits for a thread of which only lines are known: it may be that of a queue of the
// user's own making, through which no marker comes.
constexpr std::chrono::milliseconds unproven_time{100};
// Between markers, when they keep coming back without the thread that is missing.
constexpr std::chrono::microseconds pause{200};

}  // namespace

// A thread that handed us lines or markers of an asynchronous logger. Lives on that thread.
struct PoolThread {
  ~PoolThread();

  bool is_listed = false;          // guarded by mutex; written by this thread only
  bool is_foreign = false;         // guarded by mutex; no marker came through it in time
  std::weak_ptr<void> logger;      // guarded by mutex; whose marker came last; empty: none yet
  PoolThread* previous = nullptr;  // guarded by mutex
  PoolThread* next = nullptr;      // guarded by mutex
  // The newest drain that knows this thread to be done with what it had. Release: what the thread
  // submitted before is visible to the drain.
  std::atomic<std::uint64_t> passed{0};
};

// What sinks, their threads and the flush source share. Never destroyed: sinks may outlive every
// other static object.
class SpdlogShared {
 public:
  static SpdlogShared& get() noexcept {
    alignas(SpdlogShared) static unsigned char storage[sizeof(SpdlogShared)];
    static SpdlogShared* const instance = new (storage) SpdlogShared;
    return *instance;
  }

  // REQUIRES: `mutex` is held, for all of these.
  void begin_census() noexcept {
    for (LiveSink* live = sinks; live != nullptr; live = live->next_) live->is_seen_ = false;
  }
  bool is_any_missing() const noexcept {
    for (LiveSink* live = sinks; live != nullptr; live = live->next_) {
      if (!live->is_seen_) return true;
    }
    return false;
  }

  // Guards `list`, and is held while it runs; the registry's own lock is taken inside.
  std::mutex list_mutex;
  void (*list)(LoggerQueues&) = nullptr;  // guarded by list_mutex
  bool is_registered = false;             // guarded by list_mutex

  std::mutex mutex;  // a leaf: nothing is called while it is held
  std::condition_variable changed;
  bool is_draining = false;                           // guarded by mutex
  std::vector<std::shared_ptr<LoggerQueue>> watched;  // guarded by mutex
  LiveSink* sinks = nullptr;                          // guarded by mutex
  PoolThread* threads = nullptr;                      // guarded by mutex
  std::uint64_t threads_seen = 0;                     // guarded by mutex; threads ever listed
  std::uint64_t threads_confirmed = 0;  // guarded by mutex; `threads_seen` after a long drain
  std::uint64_t drains = 0;             // guarded by mutex

  // The newest drain that has all earlier lines out of the queues: who hands over a line from then
  // on is done with them.
  std::atomic<std::uint64_t> emptied{0};
};

namespace {

thread_local bool is_sending = false;  // this thread is inside `LoggerQueue::send`
thread_local bool has_ended = false;   // this thread's `pool_thread` is destroyed
thread_local PoolThread pool_thread;

}  // namespace

PoolThread::~PoolThread() {
  has_ended = true;
  SpdlogShared& all = SpdlogShared::get();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (!is_listed) return;
  (previous != nullptr ? previous->next : all.threads) = next;
  if (next != nullptr) next->previous = previous;
  all.changed.notify_all();
}

namespace {

// REQUIRES: `all.mutex` is held.
void list(SpdlogShared& all, PoolThread& thread) noexcept {
  if (thread.is_listed || has_ended) return;
  thread.is_listed = true;
  thread.next = all.threads;
  if (all.threads != nullptr) all.threads->previous = &thread;
  all.threads = &thread;
  ++all.threads_seen;
}

}  // namespace

struct Passage::State {
  enum class Fate { under_way, arrived, discarded };

  std::uint64_t drain = 0;
  std::weak_ptr<void> logger;
  int owners = 2;               // guarded by mutex; the drain and the marker
  Fate fate = Fate::under_way;  // guarded by mutex
  bool is_synchronous = false;  // guarded by mutex; it arrived on the thread that sent it
};

void Passage::finish(State* state, bool has_arrived) noexcept {
  if (state == nullptr) return;
  SpdlogShared& all = SpdlogShared::get();
  const std::lock_guard<std::mutex> lock(all.mutex);
  state->fate = has_arrived ? State::Fate::arrived : State::Fate::discarded;
  if (has_arrived && is_sending) {
    state->is_synchronous = true;
  } else if (has_arrived && !has_ended) {
    list(all, pool_thread);
    pool_thread.is_foreign = false;
    pool_thread.logger = state->logger;
    pool_thread.passed.store(state->drain, std::memory_order_release);
  }
  all.changed.notify_all();
  if (--state->owners == 0) delete state;
}

LiveSink::LiveSink(const void* sink) noexcept : sink_(sink) {
  SpdlogShared& all = SpdlogShared::get();
  const std::lock_guard<std::mutex> lock(all.mutex);
  next_ = all.sinks;
  if (next_ != nullptr) next_->previous_ = this;
  all.sinks = this;
}

LiveSink::~LiveSink() {
  SpdlogShared& all = SpdlogShared::get();
  const std::lock_guard<std::mutex> lock(all.mutex);
  (previous_ != nullptr ? previous_->next_ : all.sinks) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

bool LiveSink::contains(const void* sink) noexcept {
  SpdlogShared& all = SpdlogShared::get();
  const std::lock_guard<std::mutex> lock(all.mutex);
  for (LiveSink* live = all.sinks; live != nullptr; live = live->next_) {
    if (live->sink_ != sink) continue;
    live->is_seen_ = true;
    return true;
  }
  return false;
}

void note_pool_line() noexcept {
  SpdlogShared& all = SpdlogShared::get();
  PoolThread& thread = pool_thread;
  const std::uint64_t emptied = all.emptied.load(std::memory_order_acquire);
  if (thread.passed.load(std::memory_order_relaxed) < emptied) {
    thread.passed.store(emptied, std::memory_order_release);
  }
  // Only this thread sets it, and it stays set.
  if (thread.is_listed) return;
  const std::lock_guard<std::mutex> lock(all.mutex);
  list(all, thread);
}

namespace {

// Waits for the lines that are in the queues now.
//
// A marker that comes out proves that all lines before it were taken out, not that they reached
// the sink: another thread of the same pool may hold one. So markers are sent until every thread
// that is known to work for one of the queues has shown that it took something later. A thread
// that nobody has seen yet gets some time to show up, once.
class Drain {
 public:
  Drain(std::vector<std::shared_ptr<LoggerQueue>> queues, Clock::time_point deadline)
      : deadline_(deadline) {
    for (auto& queue : queues) entries_.push_back(Entry{std::move(queue), nullptr, 0, false});
    const std::lock_guard<std::mutex> lock(all_.mutex);
    number_ = ++all_.drains;
  }

  void run() {
    for (int round = 1; send_markers(); ++round) {
      if (is_done() || Clock::now() >= deadline_) return;
      if (round > rounds_before_pause) wait_a_little();
    }
  }

 private:
  struct Entry {
    std::shared_ptr<LoggerQueue> queue;
    Passage::State* passage;
    int discarded;  // markers, one after the other
    bool has_arrived;
  };
  static constexpr int rounds_before_pause = 32;
  // A full queue that discards its oldest may have discarded the marker; one that does so again
  // and again is gone.
  static constexpr int discarded_at_most = 3;

  // Sends a marker through each queue and waits for all. Takes queues off that need no waiting:
  // synchronous loggers, and pools that are gone. False when none is left, or the time is over.
  bool send_markers() {
    for (Entry& entry : entries_) send(entry);
    std::unique_lock<std::mutex> lock(all_.mutex);
    const bool is_in_time = all_.changed.wait_until(lock, deadline_, [this] {
      return std::none_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
        return entry.passage->fate == Passage::State::Fate::under_way;
      });
    });
    for (Entry& entry : entries_) settle(entry);
    entries_.erase(
        std::remove_if(entries_.begin(), entries_.end(),
                       [](const Entry& entry) { return entry.discarded >= discarded_at_most; }),
        entries_.end());
    return is_in_time && !entries_.empty();
  }

  void send(Entry& entry) const {
    entry.passage = new Passage::State;
    entry.passage->drain = number_;
    entry.passage->logger = entry.queue->identity;
    is_sending = true;
    try {
      entry.queue->send(Passage(entry.passage));
    } catch (const std::exception&) {
      // The pool is gone, and it emptied its queue before it went. The marker is discarded.
    }
    is_sending = false;
  }

  // REQUIRES: `mutex` is held.
  static void settle(Entry& entry) {
    Passage::State* const passage = std::exchange(entry.passage, nullptr);
    if (passage->is_synchronous) {
      entry.discarded = discarded_at_most;
    } else if (passage->fate == Passage::State::Fate::arrived) {
      entry.has_arrived = true;
      entry.discarded = 0;
    } else {
      ++entry.discarded;
    }
    if (--passage->owners == 0) delete passage;
  }

  bool is_done() {
    for (const Entry& entry : entries_) {
      if (!entry.has_arrived) return false;
    }
    const Clock::time_point now = Clock::now();
    if (emptied_at_ == Clock::time_point{}) {
      emptied_at_ = now;
      all_.emptied.store(number_, std::memory_order_release);
    }
    const std::lock_guard<std::mutex> lock(all_.mutex);
    for (PoolThread* thread = all_.threads; thread != nullptr; thread = thread->next) {
      if (thread->passed.load(std::memory_order_acquire) >= number_ || thread->is_foreign) continue;
      if (works_for_us(*thread) || now - emptied_at_ < unproven_time) return false;
      thread->is_foreign = true;
    }
    if (all_.threads_seen == all_.threads_confirmed) return true;
    if (now - emptied_at_ < discovery_time) return false;
    all_.threads_confirmed = all_.threads_seen;
    return true;
  }

  bool works_for_us(const PoolThread& thread) const {
    return std::any_of(entries_.begin(), entries_.end(), [&thread](const Entry& entry) {
      const std::weak_ptr<void>& logger = entry.queue->identity;
      return !logger.owner_before(thread.logger) && !thread.logger.owner_before(logger);
    });
  }

  void wait_a_little() {
    std::unique_lock<std::mutex> lock(all_.mutex);
    all_.changed.wait_for(lock, pause);
  }

  SpdlogShared& all_ = SpdlogShared::get();
  const Clock::time_point deadline_;
  Clock::time_point emptied_at_;  // when all lines were out of the queues; the epoch: not yet
  std::vector<Entry> entries_;
  std::uint64_t number_ = 0;
};

std::vector<std::shared_ptr<LoggerQueue>> find_queues(SpdlogShared& all) {
  LoggerQueues found;
  {
    const std::lock_guard<std::mutex> list_lock(all.list_mutex);
    {
      const std::lock_guard<std::mutex> lock(all.mutex);
      all.begin_census();
    }
    if (all.list != nullptr) all.list(found);
  }
  const std::lock_guard<std::mutex> lock(all.mutex);
  std::vector<std::shared_ptr<LoggerQueue>> queues(all.watched);
  for (auto& queue : found.with_ours) queues.push_back(std::move(queue));
  if (all.is_any_missing()) {
    for (auto& queue : found.others) queues.push_back(std::move(queue));
  }
  return queues;
}

void wait_for_lines(std::int64_t timeout) {
  constexpr std::int64_t longest = 1'000'000'000LL * 60 * 60 * 24 * 365;
  const Clock::time_point deadline =
      Clock::now() + std::chrono::nanoseconds(timeout < longest ? timeout : longest);
  SpdlogShared& all = SpdlogShared::get();
  {
    std::unique_lock<std::mutex> lock(all.mutex);
    if (!all.changed.wait_until(lock, deadline, [&all] { return !all.is_draining; })) return;
    all.is_draining = true;
  }
  struct Done {
    SpdlogShared& all;
    ~Done() {
      const std::lock_guard<std::mutex> lock(all.mutex);
      all.is_draining = false;
      all.changed.notify_all();
    }
  };
  const Done done{all};
  Drain(find_queues(all), deadline).run();
}

// REQUIRES: `list_mutex` is held.
void register_once(SpdlogShared& all) {
  if (all.is_registered) return;
  all.is_registered = true;
  register_flush_source("spdlog", [](std::int64_t timeout) { wait_for_lines(timeout); });
}

}  // namespace

void open_queues(void (*list)(LoggerQueues&)) {
  SpdlogShared& all = SpdlogShared::get();
  const std::lock_guard<std::mutex> lock(all.list_mutex);
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
  const std::lock_guard<std::mutex> lock(all.list_mutex);
  all.list = nullptr;
}

void watch_queue(std::unique_ptr<LoggerQueue> queue) {
  SpdlogShared& all = SpdlogShared::get();
  {
    const std::lock_guard<std::mutex> lock(all.mutex);
    all.watched.push_back(std::move(queue));
  }
  const std::lock_guard<std::mutex> lock(all.list_mutex);
  register_once(all);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
