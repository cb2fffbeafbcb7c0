// Stands in for the library behind the spdlog headers: keeps what they hand over.
//
// Defines `langfuse::submit`, `wake` and `register_flush_source`, so a
// test program with it must not link the library.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/sinks/log_line.h"
#include "tests/support/sanitizers.h"

// ThreadSanitizer brings an `operator new` that cannot be replaced.
#if !LANGFUSE_TEST_HAS_TSAN
#define LANGFUSE_TEST_CAN_RUN_OUT_OF_MEMORY 1
#endif

namespace langfuse::testing {

// A `LogLine` with its own text, and the thread that submitted it.
struct SubmittedLine {
  Severity severity;
  std::string message;
  std::string logger;
  std::string file;
  std::string function;
  int line;
  std::uint64_t thread_id;
  std::int64_t time_unix_nano;
  bool is_from_here;
  bool has_exact_time;
  std::vector<std::string> fields;  // `name=value`
  std::thread::id submitter;
};

// While it is true, this thread gets no memory, where that can be arranged.
extern thread_local bool is_out_of_memory;

class FakeDoor {
 public:
  static FakeDoor& get();

  // Forgets lines and wakes; the flush sources stay.
  void reset();

  std::vector<SubmittedLine> lines() const;
  std::vector<std::string> messages() const;
  std::size_t count() const;
  int wakes() const;
  int sources() const;

  // Runs the flush sources, as `langfuse::flush` does.
  void flush(std::int64_t timeout_ns = 30'000'000'000);

  // Called for each line before it is kept, on the thread that submits it.
  void on_submit(std::function<void(const LogLine&)> hook);

  // The library's side.
  void keep(const LogLine& line);
  void keep_wake();
  std::uint64_t add(FlushSource source);

 private:
  mutable std::mutex mutex_;
  std::vector<SubmittedLine> lines_;          // guarded by mutex_
  int wakes_ = 0;                             // guarded by mutex_
  std::vector<FlushSource> sources_;          // guarded by mutex_
  std::function<void(const LogLine&)> hook_;  // guarded by mutex_; called without it
};

}  // namespace langfuse::testing
