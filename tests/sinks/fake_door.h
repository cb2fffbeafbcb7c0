// Stands in for the library behind the spdlog headers: keeps what they hand over.
//
// Defines `langfuse::submit`, `wake`, `register_flush_source` and what else the sinks call, so a
// test program with it must not link the library.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/sinks/log_line.h"
#include "pipeline/remarks.h"
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

  // Forgets lines and wakes; the flush sources stay, and the trials.
  void reset();

  std::vector<SubmittedLine> lines() const;
  std::vector<std::string> messages() const;
  std::size_t count() const;
  int wakes() const;
  int sources() const;

  // Runs the flush sources, as `langfuse::flush` does. Whether all let go of what they had.
  bool flush(std::int64_t timeout_ns = 30'000'000'000);
  // What the library would say about itself.
  std::vector<std::string> said() const;

  // How many sinks have contexts recorded on trial, and whether one has them recorded for good.
  int trials() const;
  bool is_recording() const;

  // What `diagnose()` would add.
  internal::Remark remark() const;

  // Called for each line before it is kept, on the thread that submits it.
  void on_submit(std::function<void(const LogLine&)> hook);

  // The library's side.
  void keep(const LogLine& line);
  void keep_wake();
  void keep_said(std::string_view message);
  void note_unfinished();
  void change_trials(int change);
  void note_recording();
  void keep_remark_source(internal::RemarkSource source);
  std::uint64_t add(FlushSource source);

 private:
  mutable std::mutex mutex_;
  std::vector<SubmittedLine> lines_;  // guarded by mutex_
  int wakes_ = 0;                     // guarded by mutex_
  std::vector<std::string> said_;     // guarded by mutex_
  bool is_unfinished_ = false;        // guarded by mutex_
  internal::RemarkSource remark_source_ = nullptr;
  int trials_ = 0;                            // guarded by mutex_
  bool is_recording_ = false;                 // guarded by mutex_
  std::vector<FlushSource> sources_;          // guarded by mutex_
  std::function<void(const LogLine&)> hook_;  // guarded by mutex_; called without it
};

}  // namespace langfuse::testing
