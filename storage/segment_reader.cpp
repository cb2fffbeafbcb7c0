#include "storage/segment_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "storage/crc32c.h"
#include "storage/segment_file.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// A file that was made to be slow could let each header of a block claim all of its bytes. So many
// times a block's size is checked in vain, and no more.
constexpr std::size_t patience_in_blocks = 16;

bool is_zero(const char* bytes, std::size_t size) noexcept {
  return size == 0 || (bytes[0] == 0 && std::memcmp(bytes, bytes + 1, size - 1) == 0);
}

template <class T>
T load(const char* bytes) noexcept {
  T value;
  std::memcpy(static_cast<void*>(&value), bytes, sizeof(value));
  return value;
}

bool is_settled(const Record& record) noexcept {
  return record.unused == settled_record_mark(record.crc32c);
}

std::size_t slots_in(std::size_t block_bytes) noexcept {
  return (block_bytes - chunk_prologue) / sizeof(Record);
}

}  // namespace

SegmentReader::SegmentReader(int descriptor, const DecodedHead& decoded)
    : descriptor_(descriptor),
      salt_(decoded.head.salt),
      blocks_(decoded.head.blocks),
      block_bytes_(decoded.head.block_bytes),
      in_front_(decoded.in_front),
      head_is_copy_(decoded.is_copy),
      block_(decoded.head.block_bytes) {}

Found SegmentReader::next() noexcept {
  if (head_is_copy_) {
    head_is_copy_ = false;
    return report(DamageKind::head, 0, in_front_ / 2);
  }
  while (!has_ended_) {
    const std::optional<Found> found = is_in_chunk_ ? next_in_chunk()
                                       : is_at_end_ ? end()
                                                    : next_block();
    if (found) return *found;
  }
  return Found::end;
}

std::optional<Found> SegmentReader::next_block() noexcept {
  if (next_block_ == blocks_) {
    is_at_end_ = true;
    return std::nullopt;
  }
  chunk_offset_ = offset_of(next_block_);
  const ssize_t count = read_file(descriptor_, block_.data(), block_bytes_, chunk_offset_);
  if (count < 0) {
    ++next_block_;
    tally_.lost_bytes += block_bytes_;
    return report(DamageKind::unreadable, chunk_offset_, block_bytes_, errno);
  }
  const auto size = static_cast<std::size_t>(count);
  is_at_end_ = size < block_bytes_;
  const bool is_empty = is_zero(block_.data(), size);
  if (is_empty && !is_at_end_) skip_hole();
  if (is_empty) return std::nullopt;
  const auto head = load<ChunkHead>(block_.data());
  if (is_at_end_ || !is_whole(head, salt_, next_block_, blocks_)) {
    ++next_block_;
    tally_.lost_bytes += size;
    return report(DamageKind::chunk, chunk_offset_, size);
  }
  seed_ = chunk_seed(salt_, head);
  next_block_ += head.blocks;
  return head.blocks == 1 ? open_chunk() : open_large(head);
}

// Goes to the next block that may have been written to.
void SegmentReader::skip_hole() noexcept {
  ++next_block_;
  const off_t data = lseek(descriptor_, static_cast<off_t>(offset_of(next_block_)), SEEK_DATA);
  struct stat status {};
  std::uint64_t to = 0;
  if (data >= 0) {
    to = static_cast<std::uint64_t>(data);
  } else if (errno == ENXIO && fstat(descriptor_, &status) == 0) {
    to = static_cast<std::uint64_t>(status.st_size);
  }
  if (to <= offset_of(next_block_)) return;
  const std::uint64_t block = (to - in_front_) / block_bytes_;
  next_block_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(block, blocks_));
}

std::optional<Found> SegmentReader::open_chunk() noexcept {
  const auto head = load<ChunkHead>(block_.data());
  const auto count = static_cast<std::uint32_t>(head.sealed);
  const bool is_sealed =
      head.sealed != 0 && head.sealed == seal_mark(seed_, count) && count <= slots_in(block_bytes_);
  const bool is_settled = is_sealed && head.settled == settled_mark(seed_, count);
  if (is_settled) {
    tally_.settled_records += count;
    return std::nullopt;
  }
  patience_ = patience_in_blocks * block_bytes_;
  is_in_chunk_ = true;
  slot_ = 0;
  slots_ = count;
  if (!is_sealed) find_last_slot();
  data_end_ = chunk_prologue;
  if ((is_sealed || head.sealed == 0) && head.settled == 0) return std::nullopt;
  return report(DamageKind::mark, chunk_offset_ + sealed_offset, 2 * sizeof(head.sealed));
}

// Of a chunk that does not say how many records it has: up to the last one that is whole, and those
// behind it that were once finished.
void SegmentReader::find_last_slot() noexcept {
  slots_ = 0;
  data_end_ = chunk_prologue;
  for (std::size_t slot = 0; slot < slots_in(block_bytes_); ++slot) {
    if (header_offset(block_bytes_, slot) < data_end_) break;
    if (check(slot) == Slot::whole) slots_ = slot + 1;
  }
  // A damaged record takes no room from those behind it, unless it looks as if its header were
  // right: then what follows its bytes are not headers.
  std::size_t data_end = data_end_;
  while (slots_ < slots_in(block_bytes_)) {
    const std::size_t offset = header_offset(block_bytes_, slots_);
    if (offset < data_end) return;
    const auto header = load<Record>(block_.data() + offset);
    if (header.crc32c == 0) {
      if (!is_zero(block_.data() + offset, sizeof(Record))) ++tally_.unfinished;
      return;
    }
    ++slots_;
    const std::int64_t begin = static_cast<std::int64_t>(offset) + header.to_data;
    const bool continues =
        begin == static_cast<std::int64_t>(data_end) && header.size <= offset - data_end;
    if (!continues) return;
    data_end += header.size;
  }
}

std::optional<Found> SegmentReader::next_in_chunk() noexcept {
  if (slot_ == slots_) {
    is_in_chunk_ = false;
    return std::nullopt;
  }
  const std::size_t slot = slot_++;
  const std::uint64_t offset = chunk_offset_ + header_offset(block_bytes_, slot);
  if (check(slot) == Slot::whole) return give(offset);
  ++tally_.lost_records;
  return report(DamageKind::record, offset, sizeof(Record));
}

SegmentReader::Slot SegmentReader::check(std::size_t slot) noexcept {
  const std::size_t offset = header_offset(block_bytes_, slot);
  record_ = load<Record>(block_.data() + offset);
  if (record_.crc32c == 0) return Slot::empty;
  const std::int64_t begin = static_cast<std::int64_t>(offset) + record_.to_data;
  if (record_.headers_to_block != to_block(offset) || record_.size == 0 ||
      begin < static_cast<std::int64_t>(data_end_) ||
      begin + record_.size > static_cast<std::int64_t>(offset)) {
    return Slot::damaged;
  }
  if (record_.size > patience_) return Slot::damaged;
  data_ = block_.data() + begin;
  if (record_crc(seed_, record_, crc32c(0, data_, record_.size)) != record_.crc32c) {
    patience_ -= record_.size;
    return Slot::damaged;
  }
  data_end_ = static_cast<std::size_t>(begin) + record_.size;
  return Slot::whole;
}

// The one record of several blocks. What of it is in the first block is there already.
std::optional<Found> SegmentReader::open_large(const ChunkHead& head) noexcept {
  const std::uint64_t offset = chunk_offset_ + large_header_offset;
  record_ = load<Record>(block_.data() + large_header_offset);
  if (head.settled == settled_mark(seed_, 1)) {
    ++tally_.settled_records;
    return std::nullopt;
  }
  if (record_.crc32c == 0) {
    ++tally_.unfinished;
    return std::nullopt;
  }
  if (is_large_whole(head.blocks * block_bytes_)) {
    data_ = nullptr;
    return give(offset);
  }
  ++tally_.lost_records;
  return report(DamageKind::record, offset, sizeof(Record));
}

bool SegmentReader::is_large_whole(std::size_t most) noexcept {
  constexpr std::size_t data = large_header_offset + sizeof(Record);
  if (record_.headers_to_block != to_block(large_header_offset) || record_.size == 0 ||
      record_.to_data != sizeof(Record) || record_.size > most - data) {
    return false;
  }
  const std::size_t size = record_.size;
  std::size_t done = std::min(size, block_bytes_ - data);
  std::uint32_t crc = crc32c(0, block_.data() + data, done);
  while (done < size) {
    const std::size_t part = std::min(size - done, block_bytes_);
    const ssize_t count = read_file(descriptor_, block_.data(), part, chunk_offset_ + data + done);
    if (count != static_cast<ssize_t>(part)) return false;
    crc = crc32c(crc, block_.data(), part);
    done += part;
  }
  return record_crc(seed_, record_, crc) == record_.crc32c;
}

std::optional<Found> SegmentReader::give(std::uint64_t offset) noexcept {
  if (is_settled(record_)) {
    ++tally_.settled_records;
    return std::nullopt;
  }
  if (record_.kind > RecordKind::score) {
    ++tally_.lost_records;
    return report(DamageKind::unknown_kind, offset, sizeof(Record));
  }
  record_offset_ = offset;
  ++tally_.records;
  tally_.bytes += record_.size;
  return Found::record;
}

bool SegmentReader::copy_bytes(char* to) const noexcept {
  if (data_ != nullptr) {
    std::memcpy(to, data_, record_.size);
    return true;
  }
  const ssize_t count = read_file(descriptor_, to, record_.size, record_offset_ + sizeof(Record));
  return count == static_cast<ssize_t>(record_.size) &&
         record_crc(seed_, record_, crc32c(0, to, record_.size)) == record_.crc32c;
}

int SegmentReader::settle() const noexcept {
  const std::uint16_t mark = settled_record_mark(record_.crc32c);
  return write_file(descriptor_, &mark, sizeof(mark), record_offset_ + offsetof(Record, unused));
}

// Says at last whether the file is as long as it should be.
std::optional<Found> SegmentReader::end() noexcept {
  has_ended_ = true;
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) return report(DamageKind::unreadable, 0, 0, errno);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t right = offset_of(blocks_);
  if (size < right) return report(DamageKind::missing, size, right - size);
  if (size > right) return report(DamageKind::surplus, right, size - right);
  return std::nullopt;
}

Found SegmentReader::report(DamageKind kind, std::uint64_t offset, std::uint64_t size,
                            int error) noexcept {
  damage_ = {kind, offset, size, error};
  return Found::damage;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
