// The times of scores that share an id.
//
// Among such scores the server keeps the one with the latest time, and the first of several in one
// millisecond. So each one gets a time that is at least a millisecond later than the last one's.
// The newest 4096 ids of this process are remembered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <string_view>
#include <unordered_map>

#include "model/mutex.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

class RepeatedScores {
 public:
  static constexpr std::size_t most_ids = 4096;

  struct Time {
    std::int64_t unix_nano;
    // True for the first given time of this id that is not later than the one before.
    bool is_first_to_come_late;
  };

  // The times for scores that `client` sends; null when there is no memory. Each client takes over
  // the times of the one before. A forked child has a client of its own, so it never waits for a
  // mutex that a thread of its parent held.
  static RepeatedScores* of(const Client& client) noexcept;

  // `older`: the times of the client before; null: none.
  RepeatedScores(std::uint64_t client_number, RepeatedScores* older) noexcept
      : client_number_(client_number), older_(older) {}
  RepeatedScores(const RepeatedScores&) = delete;
  RepeatedScores& operator=(const RepeatedScores&) = delete;

  // The time to send for the next score with this id: `given_unix_nano`, or, when that is 0, `now`
  // or later. `project` distinguishes the ids of different projects. Both times are ns since the
  // Unix epoch and not negative. Any thread.
  Time next(std::string_view project, std::string_view id, std::int64_t given_unix_nano,
            std::int64_t now_unix_nano) noexcept;

 private:
  using Key = std::array<unsigned char, 16>;  // of a cryptographic hash
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      std::size_t hash;
      std::memcpy(&hash, key.data(), sizeof hash);
      return hash;
    }
  };
  struct Entry {
    Key key;
    std::int64_t last_ms = -1;  // -1: none yet
    bool is_late_one_said = false;
  };

  static Key key_of(std::string_view project, std::string_view id);
  void take_over() noexcept LANGFUSE_REQUIRES(mutex_);
  Entry& entry(const Key& key) LANGFUSE_REQUIRES(mutex_);

  const std::uint64_t client_number_;
  RepeatedScores* const older_;  // never destroyed: threads may still use them
  Mutex mutex_;                  // while it is held, only the one of `older_` is tried
  std::list<Entry> entries_ LANGFUSE_GUARDED_BY(mutex_);  // the newest last
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> by_key_ LANGFUSE_GUARDED_BY(mutex_);
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
