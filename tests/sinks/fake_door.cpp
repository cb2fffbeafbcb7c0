#include "tests/sinks/fake_door.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "model/diagnostics.h"
#include "pipeline/flush_sources.h"
#include "pipeline/last_threads.h"
#include "sinks/line_rate_limits.h"
#include "tracing/context/context_history.h"
#include "tracing/observation_lines.h"

#if defined(LANGFUSE_TEST_CAN_RUN_OUT_OF_MEMORY)
void* operator new(std::size_t size) {
  void* const memory =
      langfuse::testing::is_out_of_memory ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace langfuse::testing {

thread_local bool is_out_of_memory = false;

FakeDoor& FakeDoor::get() {
  static FakeDoor& instance = *new FakeDoor;  // sinks of the registry outlive static objects
  return instance;
}

void FakeDoor::reset() {
  const std::lock_guard<std::mutex> lock(mutex_);
  lines_.clear();
  wakes_ = 0;
  said_.clear();
  is_recording_ = false;
  hook_ = nullptr;
}

std::vector<SubmittedLine> FakeDoor::lines() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return lines_;
}

std::vector<std::string> FakeDoor::messages() const {
  std::vector<std::string> messages;
  for (const SubmittedLine& line : lines()) messages.push_back(line.message);
  return messages;
}

std::size_t FakeDoor::count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return lines_.size();
}

int FakeDoor::wakes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return wakes_;
}

int FakeDoor::sources() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(sources_.size());
}

bool FakeDoor::flush(std::int64_t timeout_ns) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_unfinished_ = false;
  }
  // Sources are only ever added, and by the thread of the test.
  for (const FlushSource& source : sources_) source(timeout_ns);
  const std::lock_guard<std::mutex> lock(mutex_);
  return !is_unfinished_;
}

std::vector<std::string> FakeDoor::said() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return said_;
}

void FakeDoor::on_submit(std::function<void(const LogLine&)> hook) {
  const std::lock_guard<std::mutex> lock(mutex_);
  hook_ = std::move(hook);
}

void FakeDoor::keep(const LogLine& line) {
  std::function<void(const LogLine&)> hook;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    hook = hook_;
  }
  if (hook) hook(line);
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < line.field_count; ++i) {
    fields.push_back(std::string(line.fields[i].name) + "=" + std::string(line.fields[i].value));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  lines_.push_back(SubmittedLine{
      line.severity, std::string(line.message), std::string(line.logger), std::string(line.file),
      std::string(line.function), line.line, line.thread_id, line.time_unix_nano, line.is_from_here,
      line.has_exact_time, std::move(fields), std::this_thread::get_id()});
}

void FakeDoor::keep_said(std::string_view message) {
  const std::lock_guard<std::mutex> lock(mutex_);
  said_.emplace_back(message);
}

void FakeDoor::change_trials(int change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  trials_ += change;
}

int FakeDoor::trials() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return trials_;
}

void FakeDoor::note_recording() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_recording_ = true;
}

bool FakeDoor::is_recording() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return is_recording_;
}

void FakeDoor::keep_remark_source(internal::RemarkSource source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  remark_source_ = source;
}

internal::Remark FakeDoor::remark() const {
  return remark_source_ == nullptr ? internal::Remark() : remark_source_();
}

void FakeDoor::note_unfinished() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_unfinished_ = true;
}

void FakeDoor::keep_wake() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++wakes_;
}

std::uint64_t FakeDoor::add(FlushSource source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sources_.push_back(std::move(source));
  return sources_.size();
}

}  // namespace langfuse::testing

namespace langfuse {
inline namespace v0_1 {

bool submit(const LogLine& line) noexcept {
  testing::FakeDoor::get().keep(line);
  return true;
}

void wake() noexcept {
  testing::FakeDoor::get().keep_wake();
}

std::uint64_t register_flush_source(const char*, FlushSource source) noexcept {
  return testing::FakeDoor::get().add(std::move(source));
}

bool unregister_flush_source(std::uint64_t) noexcept {
  return true;
}

namespace internal {

void count_held_back() noexcept {}

void report(Diagnostic::Severity, std::string_view message, std::string_view) noexcept {
  testing::FakeDoor::get().keep_said(message);
}

void begin_context_trial() noexcept {
  testing::FakeDoor::get().change_trials(1);
}

void end_context_trial() noexcept {
  testing::FakeDoor::get().change_trials(-1);
}

void record_contexts() noexcept {
  testing::FakeDoor::get().note_recording();
}

void set_remark_source(RemarkSource source) noexcept {
  testing::FakeDoor::get().keep_remark_source(source);
}

void FlushSources::note_unfinished() noexcept {
  testing::FakeDoor::get().note_unfinished();
}

std::string example_text(std::string_view message) {
  return std::string(message);
}

void submit_summary(const LogLine& line) noexcept {
  testing::FakeDoor::get().keep(line);
}

void expect_observation_lines() noexcept {}

bool is_one_thread_beside_ours() noexcept {
  return false;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
