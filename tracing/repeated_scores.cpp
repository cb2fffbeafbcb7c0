#include "tracing/repeated_scores.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "model/cut_text.h"
#include "model/sha256.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::int64_t ns_a_ms = 1'000'000;
constexpr std::int64_t last_ms_of_all = std::numeric_limits<std::int64_t>::max() / ns_a_ms;

std::atomic<RepeatedScores*> newest_times{nullptr};

}  // namespace

RepeatedScores* RepeatedScores::of(const Client& client) noexcept {
  RepeatedScores* newest = newest_times.load(std::memory_order_acquire);
  for (;;) {
    if (newest != nullptr && newest->client_number_ >= client.number()) return newest;
    std::unique_ptr<RepeatedScores> made(new (std::nothrow)
                                             RepeatedScores(client.number(), newest));
    if (made == nullptr) return nullptr;
    // Whoever finds it waits until it knows what the older one knew.
    const MutexLock lock(made->mutex_);
    if (newest_times.compare_exchange_strong(newest, made.get(), std::memory_order_acq_rel)) {
      made->take_over();
      return made.release();
    }
  }
}

// In a forked child, what a thread of the parent was changing is left to the parent.
void RepeatedScores::take_over() noexcept {
  if (older_ == nullptr || older_->mutex_.was_held_at_fork()) return;
  const MutexLock lock(older_->mutex_);
  entries_.swap(older_->entries_);
  by_key_.swap(older_->by_key_);
}

RepeatedScores::Time RepeatedScores::next(std::string_view project, std::string_view id,
                                          std::int64_t given_unix_nano,
                                          std::int64_t now_unix_nano) noexcept {
  const bool is_given = given_unix_nano != 0;
  const std::int64_t wanted = is_given ? given_unix_nano : now_unix_nano;
  try {
    const Key key = key_of(project, id);
    const MutexLock lock(mutex_);
    Entry& last = entry(key);
    const bool is_late = wanted / ns_a_ms <= last.last_ms;
    if (!is_late) {
      last.last_ms = wanted / ns_a_ms;
      return {wanted, false};
    }
    if (is_given) return {wanted, !std::exchange(last.is_late_one_said, true)};
    last.last_ms = std::min(last.last_ms + 1, last_ms_of_all);
    return {last.last_ms * ns_a_ms, false};
  } catch (const std::bad_alloc&) {
    return {wanted, false};
  }
}

RepeatedScores::Key RepeatedScores::key_of(std::string_view project, std::string_view id) {
  // As it is sent. A project has no line break.
  const auto hash = sha256(std::string(project).append("\n").append(repaired(id)));
  Key key;
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

// The entry for the key, the newest from now on. REQUIRES: `mutex_` is held.
RepeatedScores::Entry& RepeatedScores::entry(const Key& key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.end(), entries_, found->second);
    return *found->second;
  }
  std::list<Entry> added;
  added.push_back(Entry{key});
  by_key_.emplace(key, added.begin());
  entries_.splice(entries_.end(), added);
  if (entries_.size() > most_ids) {
    by_key_.erase(entries_.front().key);
    entries_.pop_front();
  }
  return entries_.back();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
