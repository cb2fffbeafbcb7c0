// Every byte of a small file changed in several ways, and the file cut at every length: nothing is
// read that was not written, and what is lost lies where the damage is, and is said.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/storage/segment_fixture.h"

namespace langfuse_test {
namespace {

constexpr std::size_t block = 4096;
constexpr std::size_t in_front = 2 * 4096;
constexpr std::uint32_t blocks = 5;
constexpr std::size_t all_records = 8;

// Block 0: records 1 to 4. Blocks 1 and 2: record 5. Block 3: records 6 to 8, still open. Block 4:
// not used.
struct SmallFile : WrittenSegment {
  SmallFile() : WrittenSegment(fixed_head(block, blocks)) {
    for (std::uint64_t i = 1; i <= 4; ++i) append(i, 850);
    append(5, 5000);
    for (std::uint64_t i = 6; i <= 8; ++i) append(i, 10 * i);
    writer.flush();
  }
  void append(std::uint64_t number, std::size_t size) {
    texts[number] = std::string(size, static_cast<char>('a' + number));
    writer.append(numbered_record(number), texts[number]);
  }

  std::map<std::uint64_t, std::string> texts;
};

// The chunk that has the record; 9: none.
std::size_t first_block_of(std::uint64_t number) {
  return number <= 4 ? 0 : number == 5 ? 1 : 3;
}

// What was read is what was written, each once, in its order.
void expect_no_wrong_record(const Reading& reading, const SmallFile& original,
                            const std::string& what) {
  std::uint64_t last = 0;
  for (const ReadRecord& record : reading.records) {
    ASSERT_GT(record.sequence, last) << what;
    ASSERT_EQ(original.texts.count(record.sequence), 1U) << what;
    ASSERT_EQ(record.bytes, original.texts.at(record.sequence)) << what;
    last = record.sequence;
  }
}

bool has(const Reading& reading, std::uint64_t number) {
  for (const ReadRecord& record : reading.records) {
    if (record.sequence == number) return true;
  }
  return false;
}

// In which chunk a byte lies: the number of its first block.
std::size_t chunk_at(std::size_t offset) {
  if (offset < in_front) return blocks;
  const std::size_t number = (offset - in_front) / block;
  return number == 2 ? 1 : number;
}

// Whatever lies in other chunks than this byte was read.
void expect_other_chunks(const Reading& reading, std::size_t offset, const std::string& what) {
  for (std::uint64_t number = 1; number <= all_records; ++number) {
    ASSERT_TRUE(first_block_of(number) == chunk_at(offset) || has(reading, number)) << what;
  }
}

bool is_chunk_head(std::size_t offset) {
  return offset >= in_front && chunk_at(offset) != 4 &&
         (offset - in_front) - chunk_at(offset) * block < 40;
}

TEST(SegmentDamage, NoByteOfAFileCostsMoreThanItsRecordOrItsChunk) {
  const SmallFile original;
  const std::string content = content_of(original.file);
  ASSERT_EQ(read_segment(original.file).records.size(), all_records);

  for (std::size_t offset = 0; offset < content.size(); ++offset) {
    for (const int change : {0x01, 0x80, 0xff}) {
      const char changed = static_cast<char>(content[offset] ^ change);
      ASSERT_EQ(pwrite(original.file, &changed, 1, static_cast<off_t>(offset)), 1);

      const Reading reading = read_segment(original.file);

      const std::string what = "byte " + std::to_string(offset) + " ^ " + std::to_string(change);
      ASSERT_EQ(reading.head_state, HeadState::whole) << what;
      ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(reading, original, what));
      ASSERT_NO_FATAL_FAILURE(expect_other_chunks(reading, offset, what));
      const std::size_t lost = all_records - reading.records.size();
      if (!is_chunk_head(offset)) {
        ASSERT_LE(lost, 1U) << what;
        ASSERT_GE(reading.tally.lost_records, lost) << what;
      }
      ASSERT_TRUE(lost == 0 || !reading.damages.empty()) << what;
    }
    ASSERT_EQ(pwrite(original.file, &content[offset], 1, static_cast<off_t>(offset)), 1);
  }
}

TEST(SegmentDamage, NoLengthOfAFileCostsWhatLiesInFront) {
  const SmallFile original;
  const std::string content = content_of(original.file);

  for (std::size_t size = content.size(); size-- > 0;) {
    ASSERT_EQ(ftruncate(original.file, static_cast<off_t>(size)), 0);

    const Reading reading = read_segment(original.file);

    const std::string what = "length " + std::to_string(size);
    ASSERT_EQ(reading.head_state, size >= block ? HeadState::whole : HeadState::damaged) << what;
    if (reading.head_state != HeadState::whole) continue;
    ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(reading, original, what));
    const std::size_t whole_blocks = size < in_front ? 0 : (size - in_front) / block;
    // The large record ends before its last block does.
    const bool has_large = size >= in_front + block + 128 + 64 + 5000;
    const std::size_t expected =
        (whole_blocks >= 1 ? 4U : 0U) + (has_large ? 1U : 0U) + (whole_blocks >= 4 ? 3U : 0U);
    ASSERT_EQ(reading.records.size(), expected) << what;
    ASSERT_EQ(reading.damages.back().kind, DamageKind::missing) << what;
    ASSERT_EQ(reading.damages.back().size, content.size() - size) << what;
  }
}

// A page that was never written to the disk, after a loss of power.
TEST(SegmentDamage, SectorsOfNothingCostWhatLiesInThem) {
  constexpr std::size_t sector = 512;
  const SmallFile original;
  const std::string content = content_of(original.file);

  for (std::size_t offset = 0; offset < content.size(); offset += sector) {
    const std::string zeros(sector, '\0');
    ASSERT_EQ(pwrite(original.file, zeros.data(), sector, static_cast<off_t>(offset)),
              static_cast<ssize_t>(sector));

    const Reading reading = read_segment(original.file);

    const std::string what = "sector at " + std::to_string(offset);
    ASSERT_EQ(reading.head_state, HeadState::whole) << what;
    ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(reading, original, what));
    ASSERT_NO_FATAL_FAILURE(expect_other_chunks(reading, offset, what));
    ASSERT_EQ(pwrite(original.file, &content[offset], sector, static_cast<off_t>(offset)),
              static_cast<ssize_t>(sector));
  }
}

}  // namespace
}  // namespace langfuse_test
