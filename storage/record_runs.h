// Records on their way out, gathered without touching each: runs of records that lie side by side
// in a chunk, so that a body takes a run with one copy, and the last owner gives it back with one
// change of a count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/record.h"
#include "storage/record_memory.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What the queue carries of a record: enough to gather it without touching it. Whoever has it owns
// the record.
struct QueuedRecord {
  Record* record;
  std::uint32_t size;
  std::uint32_t footprint;
};

// Records, in an order. Owns them.
//
// Thread safety: one thread at a time.
//
// Invariants: within a run, each record's header lies directly in front of the one before it, and
// its bytes directly behind those of the one before it. No run is empty.
class RecordRuns {
 public:
  RecordRuns() = default;
  RecordRuns(RecordRuns&& other) noexcept { swap(other); }
  RecordRuns& operator=(RecordRuns&& other) noexcept {
    clear();
    swap(other);
    return *this;
  }
  ~RecordRuns() { clear(); }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t bytes() const noexcept { return bytes_; }  // sum of the records' sizes
  std::uint64_t footprint() const noexcept { return footprint_; }

  // Whether the record lies right behind the last one: then it is of the same route, and to take it
  // needs no memory.
  bool is_continued_by(const QueuedRecord& next) const noexcept {
    return is_last_tight_ && next.record == last_ - 1;
  }

  // Takes the record. Throws for lack of memory, and has not taken it then. Needs none where there
  // is room for as many runs (`reserve`).
  void push_back(const QueuedRecord& queued);
  void push_back(RecordPtr record);
  void reserve(std::size_t runs) { runs_.reserve(runs); }
  // Gives back the records.
  void clear() noexcept;

  // Takes the first `records` away into a list of their own. Throws for lack of memory, and has
  // changed nothing then. REQUIRES: there are as many.
  RecordRuns take_first(std::size_t records);
  // How many of the first records have at most `most_bytes` together; at least one.
  std::size_t first_within(std::size_t most_bytes) const noexcept;

  Record& front() noexcept { return *runs_.front().first; }
  const Record& front() const noexcept { return *runs_.front().first; }
  // The first record has another size now. REQUIRES: it is the only one.
  void note_size_of_front() noexcept;

  // Calls `visit(record)` for each.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Run& run : runs_) {
      for (std::size_t i = 0; i < run.count; ++i) visit(*(run.first - i));
    }
  }
  // Gives each to `take(queued_record)`, which owns it from then on, and must not throw.
  template <class Take>
  void hand_out(Take take) noexcept {
    const std::vector<Run> runs = std::move(runs_);
    forget();
    for (const Run& run : runs) {
      for (std::size_t i = 0; i < run.count; ++i) take(queued(*(run.first - i)));
    }
  }

  // Appends the bytes of all, end to end.
  void append_to(std::string& body) const;
  // The same without a copy: a piece for each run, valid until the records are given back or moved.
  void append_to(std::vector<std::string_view>& pieces) const;
  std::size_t runs() const noexcept { return runs_.size(); }

  // Moves what lies in chunks of threads, which it would hold back, to chunks on their own, as far
  // as there is memory.
  void keep() noexcept;

  static QueuedRecord queued(Record& record) noexcept {
    return {&record, record.size, static_cast<std::uint32_t>(record.footprint())};
  }

 private:
  struct Run {
    Record* first;
    std::size_t count;
    std::size_t bytes;
  };

  void forget() noexcept;
  void swap(RecordRuns& other) noexcept;

  std::vector<Run> runs_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t footprint_ = 0;
  const Record* last_ = nullptr;
  bool is_last_tight_ = false;  // no gap behind its bytes
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
