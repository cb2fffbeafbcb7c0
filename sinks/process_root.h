// The process root: the parent of log lines outside any observation.
//
// A root is a span without duration that is complete from the start, so it can be sent with its
// first line. After 1 000 lines or an hour the next line opens a new root, so that no trace grows
// without end. A line finds its root without a lock: the root's number and line count are packed in
// one word, and its ids are computed from the number.
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
    bool is_new = false;  // the receiver submits the root
  };

  // The root of a line that was logged at `time_unix_nano`; counts the line as one of its lines. A
  // line of another client (by its number, modulo 256) than the line before gets a new root.
  // `seed`: random; the ids of all roots of the client follow from it. Any thread; lock-free.
  Place place(std::uint64_t client, std::uint64_t seed, std::int64_t time_unix_nano) noexcept;

 private:
  // From the top bit: the second in which it was opened (32 bits), its client (8), its number (14),
  // its lines so far (10). One word, so that of several threads that need a new root only one opens
  // it.
  std::atomic<std::uint64_t> packed_{0};
};

// The parent of a line outside any observation; submits the root when the line is its first.
SpanContext process_root(Client& client, std::int64_t time_unix_nano) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
