#include "sinks/spdlog_drain.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "model/diagnostics.h"
#include "pipeline/last_threads.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// How long a drain waits, once, for pool threads that have never shown themselves: one that took
// its first line may wait for its turn on a loaded machine while it holds it. With 5 ms, one drain
// in 200 missed such a line where four threads wanted each core.
constexpr std::chrono::milliseconds discovery_time{50};
// How long it waits for a thread of which only lines are known: it may be that of a queue of the
// user's own making, through which no marker comes.
constexpr std::chrono::milliseconds unproven_time{100};
// How long a queue in a forked child has to show that it has a thread there, once.
constexpr std::chrono::milliseconds proof_time{500};
// Between markers, when they keep coming back without the thread that is missing, or are refused.
constexpr std::chrono::microseconds pause{200};
constexpr int rounds_before_pause = 32;

}  // namespace

Drain::Drain(std::vector<std::shared_ptr<LoggerQueue>> queues, Clock::time_point deadline)
    : deadline_(deadline) {
  for (auto& queue : queues) {
    entries_.emplace_back();
    entries_.back().queue = std::move(queue);
  }
  const MutexLock lock(all_.mutex);
  number_ = ++all_.drains;
}

bool Drain::run() {
  for (int round = 1; !entries_.empty(); ++round) {
    if (!send_markers()) return false;
    if (is_done()) break;
    if (Clock::now() >= deadline_) return false;
    if (round > rounds_before_pause) wait_a_little();
  }
  return true;
}

// Sends a marker through each queue and waits for all. Takes queues off that need no waiting:
// synchronous loggers, and pools that are gone. False when the time is over.
bool Drain::send_markers() {
  for (Entry& entry : entries_) send(entry);
  const bool is_in_child = all_.is_in_child.load();
  const bool is_alone = is_in_child && is_one_thread_beside_ours();
  const Clock::time_point proved_by =
      is_alone ? Clock::now() : std::min(deadline_, Clock::now() + proof_time);
  std::string lost;
  MutexLock lock(all_.mutex);
  if (is_in_child && !wait_for_markers(lock, proved_by)) {
    lost = give_up_on_gone(is_alone);
  }
  const bool is_in_time = wait_for_markers(lock, deadline_);
  for (Entry& entry : entries_) settle(entry);
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                [](const Entry& entry) { return entry.is_over; }),
                 entries_.end());
  lock.unlock();
  // What receives it is the user's code.
  if (!lost.empty()) report(Diagnostic::Severity::warning, lost);
  return is_in_time;
}

bool Drain::wait_for_markers(MutexLock& lock, Clock::time_point until) {
  return all_.changed.wait_until(lock, until, [this] {
    return std::none_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
      return !entry.is_gone && entry.passage->fate == Passage::State::Fate::under_way;
    });
  });
}

// What is to be said about it. `is_alone`: no pool has a thread here.
std::string Drain::give_up_on_gone(bool is_alone) {
  std::string names;
  for (Entry& entry : entries_) {
    if (entry.passage->fate != Passage::State::Fate::under_way) continue;
    bool may_have_thread = false;
    for (const PoolThread* thread = all_.threads; thread != nullptr; thread = thread->next) {
      may_have_thread |= may_serve(*thread, entry);
    }
    if (may_have_thread && !is_alone) continue;
    all_.gone.push_back(entry.queue->identity);
    entry.is_gone = true;
    names += (names.empty() ? "'" : ", '") + entry.queue->name + "'";
  }
  if (names.empty()) return names;
  return "the thread pool of asynchronous logger " + names +
         " did not survive the fork: in this process its lines stay in the queue; make pools and "
         "their loggers after the fork";
}

void Drain::send(Entry& entry) const {
  entry.passage = new Passage::State;
  entry.passage->drain = number_;
  entry.passage->logger = entry.queue->identity;
  entry.is_lost = !send_marker(*entry.queue, Passage(entry.passage));
}

void Drain::settle(Entry& entry) {
  using Fate = Passage::State::Fate;
  Passage::State* const passage = std::exchange(entry.passage, nullptr);
  const bool is_refused = passage->fate == Fate::refused;
  entry.is_over = entry.is_gone || passage->is_synchronous || entry.is_lost ||
                  (is_refused && !entry.queue->may_be_full);
  entry.is_through |= passage->fate == Fate::arrived || passage->fate == Fate::overrun;
  if (--passage->owners == 0) delete passage;
}

bool Drain::is_done() {
  for (const Entry& entry : entries_) {
    if (!entry.is_through) return false;
  }
  const Clock::time_point now = Clock::now();
  if (emptied_at_ == Clock::time_point{}) {
    emptied_at_ = now;
    all_.emptied.store(number_, std::memory_order_release);
  }
  const MutexLock lock(all_.mutex);
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

// Not a thread of a queue whose own marker came out: had both one pool, this one's would be out,
// too.
bool Drain::may_serve(const PoolThread& thread, const Entry& wanted) const {
  if (is_same_logger(thread.logger, wanted.queue->identity)) return true;
  const std::size_t name = thread.line_logger.load(std::memory_order_relaxed);
  return std::none_of(entries_.begin(), entries_.end(), [&thread, name](const Entry& entry) {
    return entry.passage->fate == Passage::State::Fate::arrived &&
           (is_same_logger(thread.logger, entry.queue->identity) ||
            name == std::hash<std::string_view>()(entry.queue->name));
  });
}

bool Drain::works_for_us(const PoolThread& thread) const {
  return std::any_of(entries_.begin(), entries_.end(), [&thread](const Entry& entry) {
    return is_same_logger(entry.queue->identity, thread.logger);
  });
}

void Drain::wait_a_little() {
  MutexLock lock(all_.mutex);
  all_.changed.wait_until(lock, Clock::now() + pause);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
