// Limits the lines of a sink per second: all together, and those of each call site.
//
// Takes no lock, so that a forked child cannot find one taken. The facts for a summary of the lines
// held back are noted once a second and call site.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "langfuse/sinks/log_line.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class LineLimits {
 public:
  // 0: no limit.
  LineLimits(std::uint32_t max_per_second, std::uint32_t max_per_call_site) noexcept;

  // True if the line may pass. Submits the summary of an earlier second if there is one. `now_ns`:
  // of the steady clock. Any thread.
  bool admit(const LogLine& line, std::int64_t now_ns) noexcept;

  // Submits the summaries of all lines held back that no summary has counted yet. Any thread.
  void tell_all() noexcept;

 private:
  static constexpr std::size_t sites = 1024;
  static constexpr std::size_t probes = 8;

  // The first line that was held back, for the summary.
  struct Example {
    Severity severity;
    int line;
    std::string message;
    std::string logger;
    std::string file;
    std::string function;
  };
  // Lines that are counted together.
  struct Counter {
    std::atomic<std::uint64_t> site{0};      // a hash; 0: not used yet
    std::atomic<std::uint64_t> window{0};    // the second, and in the low bits the lines in it
    std::atomic<std::uint64_t> held{0};      // not yet in a summary
    std::atomic<Example*> example{nullptr};  // owned; null: none, or no memory for it

    Counter() = default;
    ~Counter() { keep(nullptr); }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;
    void keep(std::unique_ptr<Example> newest) noexcept;
    std::unique_ptr<Example> take() noexcept;
  };
  enum class Verdict : std::uint8_t { passes, opens_second, held_first, held };

  static Verdict count(Counter& counter, std::uint64_t max, std::int64_t now_ns) noexcept;
  Counter* find_site(std::uint64_t site) noexcept;
  bool admit(Counter& counter, std::uint64_t max, const LogLine& line,
             std::int64_t now_ns) noexcept;
  static std::unique_ptr<Example> example_of(const LogLine& line) noexcept;
  void tell(Counter& counter) noexcept;

  const std::uint64_t max_per_second_;
  const std::uint64_t max_per_call_site_;
  Counter all_;
  std::array<Counter, sites> by_site_;
};

// Counts a line that a limit held back, in `Stats::rate_limited`.
void count_held_back() noexcept;

// The part of a line's message that a summary quotes: the beginning of the masked message. Empty
// when nothing is configured, because the mask may come with `init()`. Throws only for lack of
// memory.
std::string example_text(std::string_view message);

// Submits a line of the library itself, below the process root, whatever is current. REQUIRES: the
// line is masked.
void submit_summary(const LogLine& line) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
