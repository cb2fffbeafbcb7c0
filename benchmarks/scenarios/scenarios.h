// The scenarios, the same for each library: what is done how often, and what of it is timed.
//
// A program is a side and its operations: `run_program<Side>(argc, argv, with_operation)`. A `Side`
// sets a library up (`Side(const Run&)`), has everything that was recorded delivered (`drain()`),
// and says how many records it may be given between two drains (`most_undrained`). It counts what
// the calling thread has allocated (`allocations()`), or says 0 where that would take time.
// `with_operation(name, use)` calls `use` with the `Operation` of that name; false if there is
// none.
//
//   PROGRAM SCENARIO OPERATION [--count=N] [--threads=N] [--url=URL] [--gzip]
//
// Prints one JSON object.
#pragma once

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "benchmarks/scenarios/measuring.h"

namespace langfuse_bench {

struct Run {
  std::string_view scenario;
  std::string_view operation;
  std::string url = "http://127.0.0.1:9";  // nobody listens there
  int count = 0;                           // 0: what the scenario says
  int threads = 1;
  bool is_compressed = false;
  bool holds_everything = false;  // the side sends nothing by itself, and has room for `count`

  int count_or(int usual) const { return count > 0 ? count : usual; }
};

// What is measured, and what is open around it on each thread that does it: `around()` returns
// that.
template <class Perform, class Around>
struct Operation {
  Perform perform;
  Around around;

  void operator()() const { perform(); }
};
template <class Perform, class Around>
Operation(Perform, Around) -> Operation<Perform, Around>;

inline constexpr auto nothing = [] { return 0; };

// ns an operation, in bursts; what drains them is outside the timed part.
template <class Side, class Operation>
void bursts(Side& side, const Run& run, const Operation& operation, Figures& figures) {
  constexpr int warm_up = 4;
  const int repetitions = std::max(1, run.count_or(50 * burst) / burst);
  std::vector<double> times;
  for (int i = 0; i < warm_up; ++i) {
    for (int j = 0; j < burst; ++j) operation();
    side.drain();
  }
  std::uint64_t allocations = 0;
  for (int i = 0; i < repetitions; ++i) {
    const std::uint64_t before = Side::allocations();
    times.push_back(burst_nanoseconds(operation, burst) / burst);
    allocations += Side::allocations() - before;
    side.drain();
  }
  figures.add("ns", quantile(times, 0.5));
  figures.add("allocations", static_cast<double>(allocations) / (repetitions * burst));
}

// Threads, pinned to the cores in turn, that record together: in each round each calls
// `work(index)`, then all is drained.
template <class Side, class Operation, class Work>
void rounds_of_threads(Side& side, const Operation& operation, int thread_count, int rounds,
                       const Work& work) {
  Barrier barrier(thread_count);
  std::vector<std::thread> threads;
  for (int index = 0; index < thread_count; ++index) {
    threads.emplace_back([&, index] {
      pin_to_core(index % static_cast<int>(std::thread::hardware_concurrency()));
      [[maybe_unused]] const auto around = operation.around();
      for (int round = 0; round < rounds; ++round) {
        barrier.wait();
        work(index);
        barrier.wait();
        if (index == 0) side.drain();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// How long single operations take. The clock's own time is taken off, and a thread's first burst
// is not counted.
template <class Side, class Operation>
void single(Side& side, const Run& run, const Operation& operation, Figures& figures) {
  const double clock = clock_nanoseconds();
  const int rounds = std::max(2, run.count_or(200 * burst) / (burst * run.threads));
  std::vector<std::vector<float>> times(static_cast<std::size_t>(run.threads));
  for (auto& some : times) some.reserve(static_cast<std::size_t>(rounds) * burst);
  rounds_of_threads(side, operation, run.threads, rounds, [&](int index) {
    time_each(operation, burst, times[static_cast<std::size_t>(index)]);
  });
  std::vector<float> all;
  for (const auto& some : times) all.insert(all.end(), some.begin() + burst, some.end());
  for (const auto& [name, share] :
       {std::pair{"p1", 0.01}, std::pair{"p10", 0.1}, std::pair{"p25", 0.25}, std::pair{"p50", 0.5},
        std::pair{"p75", 0.75}, std::pair{"p90", 0.9}, std::pair{"p99", 0.99},
        std::pair{"p99.9", 0.999}, std::pair{"p99.99", 0.9999}}) {
    figures.add(name, std::max(0.0, quantile(all, share) - clock));
  }
  figures.add("clock_ns", clock);
}

// ns an operation while nothing is drained and memory grows.
template <class Side, class Operation>
void growing(Side& side, const Run& run, const Operation& operation, Figures& figures) {
  const int count = run.count_or(30'000);
  const double before = resident_bytes();
  figures.add("ns", burst_nanoseconds(operation, count) / count);
  figures.add("bytes", (resident_bytes() - before) / count);
  side.drain();
}

// CPU of the whole process for records on their way from the caller to the server, in the steady
// state: as much as is ever held was held before.
template <class Side, class Operation>
void end_to_end(Side& side, const Run& run, const Operation& operation, Figures& figures) {
  const int count = run.count_or(200'000);
  const int most = std::max(1, Side::most_undrained / run.threads);
  const int share = std::min(most, std::max(1, count / run.threads));
  const int rounds = std::max(1, count / (share * run.threads));
  rounds_of_threads(side, operation, run.threads, 1, [&](int) {
    for (int i = 0; i < most; ++i) operation();
  });
  const double cpu_before = cpu_seconds();
  const Clock::time_point start = Clock::now();
  rounds_of_threads(side, operation, run.threads, rounds,
                    [&](int) { run_burst(operation, share); });
  const double cpu = cpu_seconds() - cpu_before;
  const double records = static_cast<double>(share) * run.threads * rounds;
  figures.add("records", records);
  figures.add("cpu_us_per_record", cpu * 1e6 / records);
  figures.add("records_per_cpu_second", records / cpu);
  figures.add("wall_us_per_record", nanoseconds(Clock::now() - start) / 1e3 / records);
}

// CPU seconds a second of a process that records nothing, and once did.
template <class Side, class Operation>
void idle(Side& side, const Run& run, const Operation& operation, Figures& figures) {
  run_burst(operation, burst);
  side.drain();
  const double cpu_before = cpu_seconds();
  const Clock::time_point start = Clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(run.count_or(10)));
  figures.add("cpu_share", (cpu_seconds() - cpu_before) * 1e9 / nanoseconds(Clock::now() - start));
}

// Memory half a minute after a burst, in that of the same process before it.
template <class Side, class Operation>
void retained(Side& side, const Run& run, const Operation& operation, Figures& figures) {
  constexpr double goal = 1.1;
  constexpr std::chrono::seconds patience(30);
  for (int i = 0; i < 10; ++i) {
    run_burst(operation, burst);
    side.drain();
  }
  const double before = resident_bytes();
  run_burst(operation, run.count_or(30'000));
  figures.add("at_the_peak", resident_bytes() / before);
  side.drain();
  const Clock::time_point start = Clock::now();
  while (resident_bytes() > goal * before && Clock::now() - start < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  figures.add("seconds", nanoseconds(Clock::now() - start) / 1e9);
  figures.add("over_idle", resident_bytes() / before);
}

template <class Side, class Operation>
bool run_scenario(const Run& run, const Operation& operation) {
  using Scenario = void (*)(Side&, const Run&, const Operation&, Figures&);
  static constexpr struct {
    std::string_view name;
    Scenario scenario;
  } scenarios[] = {
      {"bursts", bursts},         {"single", single}, {"growing", growing},
      {"end_to_end", end_to_end}, {"idle", idle},     {"retained", retained},
  };
  for (const auto& [name, scenario] : scenarios) {
    if (name != run.scenario) continue;
    Figures figures;
    {
      Side side(run);
      [[maybe_unused]] const auto around = operation.around();
      scenario(side, run, operation, figures);
    }
    figures.print();
    return true;
  }
  return false;
}

// The number behind `name` in an argument such as `--count=7`, or `otherwise`.
inline int number_of(std::string_view argument, std::string_view name, int otherwise) {
  return argument.substr(0, name.size()) == name ? std::atoi(argument.data() + name.size())
                                                 : otherwise;
}

template <class Side, class WithOperation>
int run_program(int argc, char** argv, const WithOperation& with_operation) {
  Run run;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    run.count = number_of(argument, "--count=", run.count);
    run.threads = number_of(argument, "--threads=", run.threads);
    if (argument.substr(0, 6) == "--url=") run.url = argument.substr(6);
    if (argument == "--gzip") run.is_compressed = true;
  }
  run.scenario = argc > 1 ? argv[1] : "";
  run.operation = argc > 2 ? argv[2] : "";
  run.holds_everything = run.scenario == "growing";
  bool is_known = false;
  const bool is_there = with_operation(
      run.operation, [&](const auto& operation) { is_known = run_scenario<Side>(run, operation); });
  if (is_there && is_known) return 0;
  std::fprintf(stderr, "no such %s\n", is_there ? "scenario" : "operation");
  return 2;
}

}  // namespace langfuse_bench
