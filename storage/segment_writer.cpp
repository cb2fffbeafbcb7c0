#include "storage/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "storage/crc32c.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// A record's header for this place; not committed.
Record header_at(const Record& record, std::size_t size, std::size_t offset, std::size_t data) {
  Record header;
  header.size = header.capacity = static_cast<std::uint32_t>(size);
  header.sequence = record.sequence;
  header.trace_id = record.trace_id;
  header.span_id = record.span_id;
  header.start_unix_nano = record.start_unix_nano;
  header.to_data = static_cast<std::int32_t>(static_cast<std::int64_t>(data) -
                                             static_cast<std::int64_t>(offset));
  header.headers_to_block = to_block(offset);
  header.kind = record.kind;
  header.flags = record.flags;
  return header;
}

}  // namespace

SegmentWriter::SegmentWriter(SegmentFile file, const SegmentHead& head)
    : file_(std::move(file)),
      salt_(head.salt),
      blocks_(head.blocks),
      block_bytes_(head.block_bytes),
      in_front_(encode_heads(head).size()),
      chunk_(head.block_bytes) {}

Appended SegmentWriter::append(const Record& record, std::string_view bytes) noexcept {
  if (error_ != 0) return Appended::failed;
  if (bytes.size() > largest_in_block(block_bytes_)) return append_large(record, bytes);
  const auto has_room = [&] {
    return is_open_ && headers_begin_ - bytes_end_ >= bytes.size() + sizeof(Record);
  };
  if (!has_room()) {
    if (is_open_ && !(flush() && seal_chunk())) return Appended::failed;
    if (!begin_chunk()) return Appended::full;
  }
  headers_begin_ -= sizeof(Record);
  std::memcpy(chunk_.data() + bytes_end_, bytes.data(), bytes.size());
  auto* const header = new (chunk_.data() + headers_begin_)
      Record(header_at(record, bytes.size(), headers_begin_, bytes_end_));
  commit_record(*header, seed_, nullptr);  // the rest of the chunk is 0
  bytes_end_ += bytes.size();
  ++count_;
  ++unwritten_;
  return Appended::done;
}

// In a chunk of its own, of as many blocks as it takes. The head is written last: without it, a
// reader sees the blocks as damaged, and nothing of the record.
Appended SegmentWriter::append_large(const Record& record, std::string_view bytes) noexcept {
  const std::size_t blocks = blocks_for(block_bytes_, bytes.size());
  if (is_open_ && !(flush() && seal_chunk())) return Appended::failed;
  if (blocks > blocks_ - next_block_) return Appended::full;
  constexpr std::size_t data = large_header_offset + sizeof(Record);
  char begin[data] = {};
  ChunkHead head =
      make_chunk_head(salt_, next_block_, static_cast<std::uint32_t>(blocks), /*generation=*/1);
  const std::uint32_t seed = chunk_seed(salt_, head);
  head.sealed = seal_mark(seed, 1);
  Record header = header_at(record, bytes.size(), large_header_offset, data);
  header.crc32c = record_crc(seed, header, crc32c(0, bytes.data(), bytes.size()));
  std::memcpy(begin, &head, sizeof(head));
  std::memcpy(begin + large_header_offset, &header, sizeof(header));
  const std::uint64_t offset = offset_of(next_block_);
  if (!write(bytes.data(), bytes.size(), offset + data) || !write(begin, sizeof(begin), offset)) {
    return Appended::failed;
  }
  next_block_ += static_cast<std::uint32_t>(blocks);
  ++records_;
  return Appended::done;
}

bool SegmentWriter::begin_chunk() noexcept {
  if (next_block_ == blocks_) return false;
  std::fill(chunk_.begin(), chunk_.end(), '\0');
  number_ = next_block_++;
  const ChunkHead head = make_chunk_head(salt_, number_, 1, /*generation=*/1);
  std::memcpy(chunk_.data(), &head, sizeof(head));
  seed_ = chunk_seed(salt_, head);
  count_ = 0;
  bytes_end_ = chunk_prologue;
  bytes_written_ = 0;  // the head too
  headers_begin_ = headers_written_ = block_bytes_;
  is_open_ = true;
  return true;
}

// The bytes first, so that a process that is killed in between leaves no header without them. One
// that is killed among the headers may leave any of them: a reader takes those that are whole.
bool SegmentWriter::flush() noexcept {
  if (unwritten_ == 0) return error_ == 0;
  const std::uint64_t offset = offset_of(number_);
  if (!write(chunk_.data() + bytes_written_, bytes_end_ - bytes_written_,
             offset + bytes_written_)) {
    return false;
  }
  if (!write(chunk_.data() + headers_begin_, headers_written_ - headers_begin_,
             offset + headers_begin_)) {
    return false;
  }
  bytes_written_ = bytes_end_;
  headers_written_ = headers_begin_;
  records_ += unwritten_;
  unwritten_ = 0;
  return true;
}

bool SegmentWriter::seal_chunk() noexcept {
  const std::uint64_t mark = seal_mark(seed_, count_);
  is_open_ = false;
  return write(&mark, sizeof(mark), offset_of(number_) + sealed_offset);
}

bool SegmentWriter::sync() noexcept {
  if (!flush()) return false;
  if (fdatasync(file_.descriptor()) != 0) error_ = errno;
  return error_ == 0;
}

bool SegmentWriter::finish() noexcept {
  if (!flush() || (is_open_ && !seal_chunk())) return false;
  // Best effort: some file systems cannot. The size stays, so that a file that was cut is seen.
  const std::uint64_t used = offset_of(next_block_);
  const std::uint64_t end = offset_of(blocks_);
  if (used < end) {
    static_cast<void>(fallocate(file_.descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                static_cast<off_t>(used), static_cast<off_t>(end - used)));
  }
  next_block_ = blocks_;
  return true;
}

bool SegmentWriter::write(const void* bytes, std::size_t size, std::uint64_t offset) noexcept {
  if (error_ == 0) error_ = write_file(file_.descriptor(), bytes, size, offset);
  return error_ == 0;
}

std::uint64_t SegmentWriter::offset_of(std::uint32_t block) const noexcept {
  return in_front_ + std::uint64_t{block} * block_bytes_;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
