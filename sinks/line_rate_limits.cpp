#include "sinks/line_rate_limits.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr int count_bits = 25;
constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;
constexpr std::uint64_t largest_limit = 16'000'000;

// FNV-1a.
class CallSiteHash {
 public:
  void add(unsigned char byte) noexcept { value_ = (value_ ^ byte) * 0x100000001B3u; }
  void add(std::string_view text) noexcept {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(0xFF);  // in no UTF-8: the end
  }
  void add_without_digits(std::string_view text) noexcept {
    for (const char c : text) {
      if (c < '0' || c > '9') add(static_cast<unsigned char>(c));
    }
  }
  std::uint64_t value() const noexcept { return value_ == 0 ? 1 : value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325u;
};

std::uint64_t site_of(const LogLine& line) noexcept {
  CallSiteHash hash;
  if (!line.file.empty()) {
    hash.add(line.file);
    for (int shift = 0; shift < 32; shift += 8) {
      hash.add(static_cast<unsigned char>(static_cast<unsigned>(line.line) >> shift));
    }
  } else {
    hash.add(line.logger);
    hash.add(static_cast<unsigned char>(line.severity));
    hash.add_without_digits(line.message);
  }
  return hash.value();
}

}  // namespace

LineLimits::LineLimits(std::uint32_t max_per_second, std::uint32_t max_per_call_site) noexcept
    : max_per_second_(std::min<std::uint64_t>(max_per_second, largest_limit)),
      max_per_call_site_(std::min<std::uint64_t>(max_per_call_site, largest_limit)) {}

bool LineLimits::admit(const LogLine& line, std::int64_t now_ns) noexcept {
  if (max_per_call_site_ != 0) {
    Counter* const site = find_site(site_of(line));
    if (site != nullptr && !admit(*site, max_per_call_site_, line, now_ns)) return false;
  }
  return max_per_second_ == 0 || admit(all_, max_per_second_, line, now_ns);
}

bool LineLimits::admit(Counter& counter, std::uint64_t max, const LogLine& line,
                       std::int64_t now_ns) noexcept {
  switch (count(counter, max, now_ns)) {
    case Verdict::opens_second:
      if (counter.held.load(std::memory_order_relaxed) != 0) tell(counter);
      return true;
    case Verdict::passes:
      return true;
    case Verdict::held_first:
      counter.keep(example_of(line));
      break;
    case Verdict::held:
      break;
  }
  counter.held.fetch_add(1, std::memory_order_acq_rel);  // the example of the first comes before
  count_held_back();
  return false;
}

LineLimits::Verdict LineLimits::count(Counter& counter, std::uint64_t max,
                                      std::int64_t now_ns) noexcept {
  const std::uint64_t second = static_cast<std::uint64_t>(now_ns / 1'000'000'000);
  std::uint64_t old = counter.window.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    const bool is_same_second = old >> count_bits == second && old != 0;
    // Two beyond the limit it stands still.
    if (is_same_second && (old & count_mask) == max + 2) return Verdict::held;
    next = is_same_second ? old + 1 : second << count_bits | 1;
  } while (!counter.window.compare_exchange_weak(old, next, std::memory_order_relaxed));
  const std::uint64_t number = next & count_mask;
  if (number == 1) return Verdict::opens_second;
  if (number <= max) return Verdict::passes;
  return number == max + 1 ? Verdict::held_first : Verdict::held;
}

// Null when there is no room for another site.
LineLimits::Counter* LineLimits::find_site(std::uint64_t site) noexcept {
  for (std::size_t probe = 0; probe < probes; ++probe) {
    Counter& counter = by_site_[(site + probe) % sites];
    std::uint64_t present = counter.site.load(std::memory_order_relaxed);
    if (present == 0 &&
        counter.site.compare_exchange_strong(present, site, std::memory_order_relaxed)) {
      return &counter;
    }
    if (present == site) return &counter;
  }
  return nullptr;
}

void LineLimits::Counter::keep(std::unique_ptr<Example> newest) noexcept {
  const std::unique_ptr<Example> replaced(
      example.exchange(newest.release(), std::memory_order_acq_rel));
}

std::unique_ptr<LineLimits::Example> LineLimits::Counter::take() noexcept {
  return std::unique_ptr<Example>(example.exchange(nullptr, std::memory_order_acq_rel));
}

// Null when there is no memory: the summary counts all the same. The user's mask runs inside.
std::unique_ptr<LineLimits::Example> LineLimits::example_of(const LogLine& line) noexcept {
  try {
    return std::make_unique<Example>(Example{line.severity, line.line, example_text(line.message),
                                             std::string(line.logger), std::string(line.file),
                                             std::string(line.function)});
  } catch (const std::exception&) {
    return nullptr;
  }
}

void LineLimits::tell_all() noexcept {
  tell(all_);
  for (Counter& counter : by_site_) {
    if (counter.held.load(std::memory_order_relaxed) != 0) tell(counter);
  }
}

void LineLimits::tell(Counter& counter) noexcept {
  const std::uint64_t held = counter.held.exchange(0, std::memory_order_acq_rel);
  if (held == 0) return;
  const std::unique_ptr<Example> example = counter.take();
  LogLine line;
  try {
    std::string text = "held back " + std::to_string(held);
    text += held == 1 ? " line" : " lines";
    text += &counter == &all_ ? " in 1 s, over the limit of " + std::to_string(max_per_second_)
                              : std::string(" like this in 1 s");
    if (example != nullptr) {
      line.logger = example->logger;
      if (&counter != &all_) {
        line.severity = example->severity;
        line.file = example->file;
        line.function = example->function;
        line.line = example->line;
        text += ": " + example->message;
      }
    }
    line.message = text;
    submit_summary(line);
  } catch (const std::exception&) {
    counter.held.fetch_add(held, std::memory_order_relaxed);  // no memory: told the next time
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
