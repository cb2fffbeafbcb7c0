// What the scenarios measure with: bursts of an operation, clocks, memory, and the figures that a
// program prints. Nothing here knows a library that is measured.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace langfuse_bench {

using Clock = std::chrono::steady_clock;

inline constexpr int burst = 250;

// The operation again and again. Never inlined: `tests/benchmarks/instructions.py` has callgrind
// count what happens in here and nowhere else.
template <class Operation>
[[gnu::noinline]] void run_burst(const Operation& operation, int count) {
  for (int i = 0; i < count; ++i) operation();
}

inline double nanoseconds(Clock::duration duration) {
  return static_cast<double>(std::chrono::nanoseconds(duration).count());
}

template <class Operation>
double burst_nanoseconds(const Operation& operation, int count) {
  const Clock::time_point start = Clock::now();
  run_burst(operation, count);
  return nanoseconds(Clock::now() - start);
}

// Appends how long each of `count` operations took, each timed by itself.
template <class Operation>
void time_each(const Operation& operation, int count, std::vector<float>& times) {
  for (int i = 0; i < count; ++i) {
    const Clock::time_point start = Clock::now();
    operation();
    times.push_back(static_cast<float>(nanoseconds(Clock::now() - start)));
  }
}

// The value below which `share` of the values are. REQUIRES: there is one.
template <class Number>
double quantile(std::vector<Number>& values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(at)]);
}

// What timing nothing takes: part of each time of `time_each`.
inline double clock_nanoseconds() {
  std::vector<float> times;
  time_each([] {}, 10'000, times);
  return quantile(times, 0.5);
}

// User and system time of this process.
inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline double resident_bytes() {
  double total = 0;
  double resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// The calling thread stays on one core.
inline void pin_to_core(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<unsigned>(core), &cores);
  pthread_setaffinity_np(pthread_self(), sizeof(cores), &cores);
}

// All threads of a group wait for each other, again and again.
class Barrier {
 public:
  explicit Barrier(int threads) {
    pthread_barrier_init(&barrier_, nullptr, static_cast<unsigned>(threads));
  }
  ~Barrier() { pthread_barrier_destroy(&barrier_); }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  void wait() { pthread_barrier_wait(&barrier_); }

 private:
  pthread_barrier_t barrier_{};
};

// The figures of a run: printed as one JSON object.
class Figures {
 public:
  void add(const char* name, double value) {
    char text[96];
    std::snprintf(text, sizeof(text), "%s\"%s\": %.9g", text_.empty() ? "" : ", ", name, value);
    text_ += text;
  }
  void print() const { std::printf("{%s}\n", text_.c_str()); }

 private:
  std::string text_;
};

}  // namespace langfuse_bench
