// The bytes of a segment file: docs/segment_format.md has the grammar and an example.
//
//   ┌──────┬──────┬─────────┬─────────┬───
//   │ head │ head │ block 0 │ block 1 │ …         the head stands twice
//   └──────┴──────┴─────────┴─────────┴───
//
// A chunk is one block with records, or several with one record that is too large for one:
//
//   ┌───────────┬──────────┬─────────────────────────┬────────┬────────────────────────┐
//   │ ChunkHead │ 64 bytes │ bytes of 1, of 2 …  →   │  free  │   ← … headers of 2, of 1 │
//   └───────────┴──────────┴─────────────────────────┴────────┴────────────────────────┘
//   ┌───────────┬──────────┬────────┬─────────────────────────────────────── … ────────┐
//   │ ChunkHead │ 64 bytes │ header │ bytes                                            │
//   └───────────┴──────────┴────────┴─────────────────────────────────────── … ────────┘
//
// The headers are `Record`s as they are in memory. They lie on places that do not depend on each
// other, so that a damaged one hides no other. The 64 bytes are the writer's own; nobody reads
// them.
//
// Every checksum starts from the segment's salt, which is random, and from the place where the
// bytes lie. So nothing that a program records can pass for a record, and no copy of a record, a
// chunk or a whole segment elsewhere in the file can either.
//
// This is what writers and readers share; no file is opened here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "langfuse/langfuse.h"
#include "model/record.h"
#include "storage/process_identity.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

constexpr std::uint32_t segment_version = 1;
constexpr std::size_t smallest_block = 4096;
constexpr std::size_t largest_block = std::size_t{64} * 1024;
constexpr std::size_t largest_head = std::size_t{64} * 1024;  // one of the two

// Which project's records on which server: SHA-256 of "lf1\0", the base URL, 0 and the public key.
using ProjectDigest = std::array<unsigned char, 32>;
ProjectDigest project_digest(std::string_view base_url, std::string_view public_key);

// What the head of a segment says.
struct SegmentHead {
  std::uint32_t block_bytes = largest_block;  // a multiple of 4096
  std::uint32_t blocks = 0;                   // that the file has
  std::int64_t created_unix_nano = 0;
  std::uint64_t salt = 0;
  ProcessIdentity owner;  // who wrote it
  ProjectDigest project{};
  std::string machine;   // its host name; for people
  std::string base_url;  // of the server; for people
  // What is in front of the records in a body, tags and lengths included: the `resource` field of
  // an OTLP `ResourceSpans` message, and the `scope` field of a `ScopeSpans` message.
  std::string resource;
  std::string scope;
};

// Both heads, as they begin the file. Empty if the texts are too long for `largest_head`.
std::string encode_heads(const SegmentHead& head);

enum class HeadState : std::uint8_t {
  whole,
  damaged,  // neither of the two is whole
  newer,    // of a later version of the format
};
struct DecodedHead {
  HeadState state = HeadState::damaged;
  bool is_copy = false;      // the first one is damaged
  std::size_t in_front = 0;  // of block 0
  SegmentHead head;
};
// `begin`: of the file, as many bytes as there are of 2 * largest_head.
DecodedHead decode_heads(std::string_view begin);

// The first 64 bytes of a chunk. All 0: there has been no chunk yet.
struct ChunkHead {
  static constexpr std::uint32_t right_magic = 0x4b4e4843;  // "CHNK"

  std::uint32_t magic = right_magic;
  std::uint32_t crc32c = 0;  // of the salt and of all that follows up to `sealed`
  std::uint32_t number = 0;  // of its first block
  std::uint32_t blocks = 1;
  std::uint64_t generation = 1;  // how often the block has been used
  std::uint64_t unused[2] = {0, 0};
  std::uint64_t sealed = 0;   // `seal_mark` of how many records it has; 0: still open
  std::uint64_t settled = 0;  // `settled_mark` of the same when all were sent
  std::uint64_t unused_too = 0;
};
static_assert(sizeof(ChunkHead) == 64, "as drawn above");
constexpr std::size_t sealed_offset = 40;   // of `ChunkHead::sealed`
constexpr std::size_t settled_offset = 48;  // of `ChunkHead::settled`
constexpr std::size_t chunk_prologue = 128;

// A chunk's head, ready to be written.
ChunkHead make_chunk_head(std::uint64_t salt, std::uint32_t number, std::uint32_t blocks,
                          std::uint64_t generation) noexcept;
// Whether it is the head of a chunk that begins with this block. `blocks`: of the segment.
bool is_whole(const ChunkHead& head, std::uint64_t salt, std::uint32_t number,
              std::uint32_t blocks) noexcept;

// Where the checksums of a chunk's records start.
std::uint32_t chunk_seed(std::uint64_t salt, const ChunkHead& head) noexcept;

// `count` with its checksum, so that it is stored at once, and damage shows.
std::uint64_t seal_mark(std::uint32_t seed, std::uint32_t count) noexcept;
std::uint64_t settled_mark(std::uint32_t seed, std::uint32_t count) noexcept;

// Distance from the begin of a chunk to the header of its `index`-th record.
constexpr std::size_t header_offset(std::size_t block_bytes, std::size_t index) noexcept {
  return block_bytes - (index + 1) * sizeof(Record);
}
constexpr std::size_t large_header_offset = chunk_prologue;
// How large a record can be that shares a chunk with others.
constexpr std::size_t largest_in_block(std::size_t block_bytes) noexcept {
  return block_bytes - chunk_prologue - sizeof(Record);
}
// How many blocks the chunk of a record takes.
constexpr std::size_t blocks_for(std::size_t block_bytes, std::size_t size) noexcept {
  return (chunk_prologue + sizeof(Record) + size + block_bytes - 1) / block_bytes;
}
// What `Record::headers_to_block` says: it leads to the 64 bytes behind the chunk's head.
constexpr std::uint16_t to_block(std::size_t header_offset) noexcept {
  return static_cast<std::uint16_t>((header_offset - sizeof(ChunkHead)) / sizeof(Record));
}

// What stands in a record's header as its checksum: of all of the header but the checksum itself
// and the mark that the record was settled, and of `bytes_crc`, which is the CRC of its bytes from
// 0 on. So a processor works on the two at once. Never 0: that says that the record is not
// finished.
std::uint32_t record_crc(std::uint32_t seed, const Record& record,
                         std::uint32_t bytes_crc) noexcept;

// Makes a finished record one that survives the process, where it lies in a mapped file: from this
// store on, a reader finds it. `next`: the header behind it if there is room for one, which may be
// left over from an earlier use of the block; it is cleared. REQUIRES: size > 0.
void commit_record(Record& record, std::uint32_t seed, Record* next) noexcept;

// What `Record::unused` says of a record that need not be sent any more.
constexpr std::uint16_t settled_record_mark(std::uint32_t crc) noexcept {
  return static_cast<std::uint16_t>((crc >> 8) | 1U);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
