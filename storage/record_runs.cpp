#include "storage/record_runs.h"

#include <algorithm>

#include "storage/chunk.h"
#include "storage/chunk_home.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

void RecordRuns::push_back(const QueuedRecord& queued) {
  if (is_continued_by(queued)) {
    Run& run = runs_.back();
    ++run.count;
    run.bytes += queued.size;
  } else {
    runs_.push_back({queued.record, 1, queued.size});
  }
  ++size_;
  bytes_ += queued.size;
  footprint_ += queued.footprint;
  last_ = queued.record;
  // A look at the record itself only where its footprint says that something lies beside its bytes.
  is_last_tight_ =
      queued.footprint == sizeof(Record) + queued.size || queued.record->capacity == queued.size;
}

void RecordRuns::push_back(RecordPtr record) {
  push_back(queued(*record));
  static_cast<void>(record.release());
}

void RecordRuns::clear() noexcept {
  for (const Run& run : runs_) {
    release(chunk_of(*run.first), static_cast<std::int64_t>(run.count));
  }
  forget();
}

void RecordRuns::forget() noexcept {
  runs_.clear();
  size_ = 0;
  bytes_ = 0;
  footprint_ = 0;
  last_ = nullptr;
  is_last_tight_ = false;
}

void RecordRuns::swap(RecordRuns& other) noexcept {
  runs_.swap(other.runs_);
  std::swap(size_, other.size_);
  std::swap(bytes_, other.bytes_);
  std::swap(footprint_, other.footprint_);
  std::swap(last_, other.last_);
  std::swap(is_last_tight_, other.is_last_tight_);
}

RecordRuns RecordRuns::take_first(std::size_t records) {
  RecordRuns first;
  RecordRuns rest;
  first.reserve(records);
  rest.reserve(size_ - records);
  hand_out(
      [&](const QueuedRecord& each) { (first.size() < records ? first : rest).push_back(each); });
  swap(rest);
  return first;
}

std::size_t RecordRuns::first_within(std::size_t most_bytes) const noexcept {
  std::size_t count = 0;
  std::size_t bytes = 0;
  bool is_full = false;
  for_each([&](const Record& record) {
    bytes += record.size;
    is_full = is_full || (count > 0 && bytes > most_bytes);
    if (!is_full) ++count;
  });
  return count;
}

void RecordRuns::note_size_of_front() noexcept {
  runs_.front().bytes = bytes_ = front().size;
  is_last_tight_ = false;
}

void RecordRuns::append_to(std::string& body) const {
  for (const Run& run : runs_) body.append(run.first->data(), run.bytes);
}

void RecordRuns::append_to(std::vector<std::string_view>& pieces) const {
  for (const Run& run : runs_) pieces.emplace_back(run.first->data(), run.bytes);
}

void RecordRuns::keep() noexcept {
  for (Run& run : runs_) {
    Chunk& chunk = chunk_of(*run.first);
    if (chunk.home == nullptr) continue;
    Record* const copy = copy_records(*run.first, run.count);
    if (copy == nullptr) continue;
    run.first = copy;
    release(chunk, static_cast<std::int64_t>(run.count));
  }
  is_last_tight_ = false;  // what would continue the last one lies where that was
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
