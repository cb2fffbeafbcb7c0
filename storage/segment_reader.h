// Reads the records of a segment file, one block at a time, and says of everything that it passes
// over what it is.
//
// The file is not trusted: it may be damaged, cut, changed or made up, also while it is read. What
// is given out has a checksum that is right. What is damaged costs itself: a record, or, where the
// head of a chunk is wrong, the records of that chunk. The reader goes on behind it.
//
//   SegmentReader reader(opened.file.descriptor(), opened.decoded);
//   for (Found found = reader.next(); found != Found::end; found = reader.next()) {
//     if (found == Found::record) … reader.record() …
//     if (found == Found::damage) … reader.damage() …
//   }
//
// Takes 64 KiB of memory, however long the file or a record is. Time is in proportion to the bytes
// that were written; holes are skipped.
//
// Thread safety: one thread at a time, one that may wait for the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/record.h"
#include "storage/segment_format.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

enum class Found : std::uint8_t { record, damage, end };

enum class DamageKind : std::uint8_t {
  head,          // the first head; the second one was read. Nothing is lost
  chunk,         // a block is not the begin of a chunk, though something was written to it
  record,        // one record, whose header lies there
  unknown_kind,  // one record, whole, of a kind that this version does not know
  mark,          // how many records a chunk has, or whether all were sent, is not known. Nothing is
                 // lost by that alone
  missing,       // the file ends before its blocks do
  surplus,       // the file goes on behind its blocks
  unreadable,    // the system could not read it: `Damage::system_error`
};

struct Damage {
  DamageKind kind = DamageKind::chunk;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t size = 0;    // in bytes; of a record: of its header
  int system_error = 0;
};

// What was found so far.
struct SegmentTally {
  std::size_t records = 0;          // given out
  std::uint64_t bytes = 0;          // of those
  std::size_t settled_records = 0;  // whole, but sent before
  std::size_t lost_records = 0;     // damaged, or of an unknown kind: counted one by one
  std::uint64_t lost_bytes = 0;     // blocks of which it is not known how many records they had
  std::size_t unfinished = 0;       // begun, and never finished
};

class SegmentReader {
 public:
  // REQUIRES: `decoded.state` is whole; the descriptor outlives the reader. Throws for lack of
  // memory.
  SegmentReader(int descriptor, const DecodedHead& decoded);

  Found next() noexcept;

  // After `Found::record`, until the next call of `next`. As the writer made the header; places in
  // memory that it speaks of mean nothing.
  const Record& record() const noexcept { return record_; }
  // Copies its bytes to `to`, which has room for `record().size`. False if they are no longer
  // there: somebody has changed the file.
  bool copy_bytes(char* to) const noexcept;
  // Marks it as sent, so that nobody sends it again. 0, or an `errno`.
  int settle() const noexcept;

  // After `Found::damage`.
  const Damage& damage() const noexcept { return damage_; }

  const SegmentTally& tally() const noexcept { return tally_; }

 private:
  enum class Slot : std::uint8_t { whole, damaged, empty };

  // These go one step on. Empty: there is nothing to say of it.
  std::optional<Found> next_block() noexcept;
  std::optional<Found> next_in_chunk() noexcept;
  std::optional<Found> open_chunk() noexcept;
  std::optional<Found> open_large(const ChunkHead& head) noexcept;
  std::optional<Found> give(std::uint64_t offset) noexcept;
  std::optional<Found> end() noexcept;
  Found report(DamageKind kind, std::uint64_t offset, std::uint64_t size, int error = 0) noexcept;

  Slot check(std::size_t slot) noexcept;
  void find_last_slot() noexcept;
  void skip_hole() noexcept;
  bool is_large_whole(std::size_t most) noexcept;
  std::uint64_t offset_of(std::uint64_t block) const noexcept {
    return in_front_ + block * block_bytes_;
  }

  const int descriptor_;
  const std::uint64_t salt_;
  const std::uint32_t blocks_;
  const std::size_t block_bytes_;
  const std::uint64_t in_front_;  // of block 0
  bool head_is_copy_;             // and that has not been said yet
  bool is_at_end_ = false;
  bool has_ended_ = false;
  std::uint32_t next_block_ = 0;

  // The chunk that is read, if `is_in_chunk_`.
  std::vector<char> block_;
  bool is_in_chunk_ = false;
  std::uint64_t chunk_offset_ = 0;
  std::uint32_t seed_ = 0;
  std::size_t slot_ = 0;      // to look at next
  std::size_t slots_ = 0;     // that there are
  std::size_t data_end_ = 0;  // behind the bytes of the last whole record
  std::size_t patience_ = 0;  // how many bytes may still be checked in vain

  Record record_;
  std::uint64_t record_offset_ = 0;  // of its header in the file
  const char* data_ = nullptr;       // null: in the file alone
  Damage damage_;
  SegmentTally tally_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
