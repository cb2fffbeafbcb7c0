// What must hold for every file that anybody puts into a spool directory, used by the fuzzer and by
// a test over its seeds: it is read to its end, what is given out can be had, and a second reading
// gives the same. Anything else, a crash, a sanitizer's finding, no end, is a fault.
#pragma once

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "storage/crc32c.h"
#include "tests/storage/segment_fixture.h"

namespace langfuse_test {

// Returns how many records were read.
inline std::size_t read_any_file(const std::string& content) {
  const Descriptor file(anonymous_file(content));
  const Reading first = read_segment(file);
  const Reading second = read_segment(file);
  std::size_t bytes = 0;
  for (const ReadRecord& record : first.records) bytes += sizeof(Record) + record.bytes.size();
  // A record takes room that no other one has, and so does what is damaged.
  if (bytes > content.size() || first.damages.size() > 3 + content.size() / sizeof(Record) ||
      first.numbers() != second.numbers() || first.damage() != second.damage()) {
    std::abort();
  }
  return first.records.size();
}

// The same of the blocks that `bytes` are, behind a right head, and with right checksums where they
// ask for one: of a chunk's head if its first byte is odd, of a record if its flags are. So changes
// reach what stands behind the checksums.
inline std::size_t read_any_blocks(std::string_view bytes) {
  using namespace langfuse::internal;
  constexpr std::size_t block_bytes = smallest_block;
  std::string blocks(bytes);
  blocks.resize((blocks.size() + block_bytes - 1) / block_bytes * block_bytes);
  const SegmentHead head =
      fixed_head(block_bytes, static_cast<std::uint32_t>(blocks.size() / block_bytes));
  for (std::size_t at = 0; at < blocks.size(); at += block_bytes) {
    char* const block = blocks.data() + at;
    if ((block[0] & 1) == 0) continue;
    ChunkHead chunk;
    std::memcpy(&chunk, block, sizeof(chunk));
    const ChunkHead right = make_chunk_head(head.salt, static_cast<std::uint32_t>(at / block_bytes),
                                            chunk.blocks, chunk.generation);
    std::memcpy(block, &right, sealed_offset);
    for (std::size_t slot = 0; slot < (block_bytes - chunk_prologue) / sizeof(Record); ++slot) {
      const std::size_t offset = header_offset(block_bytes, slot);
      Record record;
      std::memcpy(static_cast<void*>(&record), block + offset, sizeof(record));
      const std::int64_t begin = static_cast<std::int64_t>(offset) + record.to_data;
      if ((record.flags & 1) == 0 || begin < 0 ||
          begin + record.size > static_cast<std::int64_t>(blocks.size() - at)) {
        continue;
      }
      record.crc32c =
          record_crc(chunk_seed(head.salt, right), record, crc32c(0, block + begin, record.size));
      std::memcpy(block + offset, static_cast<const void*>(&record), sizeof(record));
    }
  }
  return read_any_file(encode_heads(head) + blocks);
}

}  // namespace langfuse_test
