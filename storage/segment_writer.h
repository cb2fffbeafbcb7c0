// Writes records to a segment file: what the spool keeps goes through here.
//
// Records are gathered in memory until a block is full, or until `flush`. From then on they survive
// the process; after `sync` they survive the machine.
//
// Thread safety: one thread at a time, one that may wait for the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/record.h"
#include "storage/segment_file.h"
#include "storage/segment_format.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

enum class Appended : std::uint8_t {
  done,
  full,    // the file has no room for it; a new one has, if it has `blocks_for` it
  failed,  // the disk did not take something: `error`. Nothing can be appended any more
};

class SegmentWriter {
 public:
  // `file` and `head` as `SpoolDirectory::create` made them. Throws for lack of memory.
  SegmentWriter(SegmentFile file, const SegmentHead& head);

  // Takes a copy of the record. Of its header, what says what it is: kind, sequence, ids and start.
  // REQUIRES: its size is not 0.
  Appended append(const Record& record, std::string_view bytes) noexcept;

  // Whether all records that were appended are in the file now. If not, `unwritten` of the last
  // ones are not, and all before are.
  bool flush() noexcept;
  bool sync() noexcept;
  // `flush`, and gives back the disk space that was not needed. Nothing can be appended any more.
  bool finish() noexcept;

  std::size_t records() const noexcept { return records_; }      // in the file
  std::size_t unwritten() const noexcept { return unwritten_; }  // in memory alone
  int error() const noexcept { return error_; }                  // an `errno`; 0: none
  const SegmentFile& file() const noexcept { return file_; }

 private:
  Appended append_large(const Record& record, std::string_view bytes) noexcept;
  bool begin_chunk() noexcept;
  bool seal_chunk() noexcept;
  bool write(const void* bytes, std::size_t size, std::uint64_t offset) noexcept;
  std::uint64_t offset_of(std::uint32_t block) const noexcept;

  SegmentFile file_;
  const std::uint64_t salt_;
  const std::uint32_t blocks_;
  const std::size_t block_bytes_;
  const std::size_t in_front_;  // of block 0
  std::uint32_t next_block_ = 0;
  std::size_t records_ = 0;
  std::size_t unwritten_ = 0;
  int error_ = 0;

  // The open chunk, if `is_open_`.
  std::vector<char> chunk_;
  bool is_open_ = false;
  std::uint32_t number_ = 0;
  std::uint32_t seed_ = 0;
  std::uint32_t count_ = 0;          // of its records
  std::size_t bytes_end_ = 0;        // behind the bytes of the last one
  std::size_t bytes_written_ = 0;    // what of that is in the file
  std::size_t headers_begin_ = 0;    // the header of the last one
  std::size_t headers_written_ = 0;  // from here on they are in the file
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
