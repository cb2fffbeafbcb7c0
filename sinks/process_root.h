// The process root: what log lines outside any observation hang under.
//
// A root is a span without duration that is complete from the start, so that it can be sent with
// its first line; the lines are its children. After 1 000 lines or an hour the next line opens
// another, so that no trace grows without end. A line finds its root without a lock: number and
// count of the current one are packed in one word, and its ids are computed from the number.
#pragma once

#include <atomic>
#include <cstdint>

#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

class ProcessRoots {
 public:
  static constexpr std::uint64_t lines_a_root = 1000;
  static constexpr std::int64_t seconds_a_root = 3600;

  struct Place {
    SpanContext root;
    bool is_new = false;  // whoever gets this submits the root
  };

  // `seed`: random; the ids of all roots follow from it.
  explicit ProcessRoots(std::uint64_t seed) noexcept : seed_(seed) {}

  // The root of a line that was logged at `time_unix_nano`, counted as one of its lines. Another
  // client (by its number, modulo 256) than that of the line before gets a root of its own. Any
  // thread; lock-free.
  Place place(std::uint64_t client, std::int64_t time_unix_nano) noexcept;

 private:
  SpanContext ids(std::uint64_t root) const noexcept;

  const std::uint64_t seed_;
  // From the top: the second it was opened in (32 bits), its client (8), its number (14), its lines
  // so far (10). One word, so that of threads that all see the need for a new root one opens it.
  std::atomic<std::uint64_t> packed_{0};
};

// The parent of a line outside any observation; submits the root when the line is its first.
SpanContext process_root(Client& client, std::int64_t time_unix_nano) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
