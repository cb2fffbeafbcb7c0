#include "storage/segment_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/storage/segment_fixture.h"

namespace langfuse_test {
namespace {

using namespace langfuse::internal;

constexpr std::size_t in_front = 2 * 4096;  // of block 0, with the fixed head

// Three small blocks with two records each, sealed.
struct ThreeBlocks : WrittenSegment {
  ThreeBlocks() : WrittenSegment(fixed_head(4096, 3)) {
    for (std::uint64_t i = 1; i <= 6; ++i) {
      writer.append(numbered_record(i), std::string(1500, static_cast<char>('a' + i)));
    }
    writer.finish();
  }

  void overwrite(std::size_t offset, const std::string& bytes) const {
    if (pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)) < 0) abort();
  }
  void move_block(std::size_t from, std::size_t to) const {
    overwrite(in_front + to * 4096, content_of(file).substr(in_front + from * 4096, 4096));
  }
};

TEST(SegmentReader, GoesOnBehindADamagedChunk) {
  const ThreeBlocks segment;

  segment.overwrite(in_front + 4096 + 8, "damage");

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 2 5 6");
  EXPECT_EQ(reading.damage(), "chunk 12288+4096");
  EXPECT_EQ(reading.tally.lost_bytes, 4096U);
}

TEST(SegmentReader, ADamagedRecordCostsItself) {
  const ThreeBlocks segment;

  segment.overwrite(in_front + 4096 + 128 + 700, "damage");

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 2 4 5 6");
  EXPECT_EQ(reading.damage(), "record 16320+64");
  EXPECT_EQ(reading.tally.lost_records, 1U);
}

TEST(SegmentReader, ABlockInAnothersPlaceIsNotRead) {
  const ThreeBlocks segment;

  segment.move_block(0, 1);

  EXPECT_EQ(read_segment(segment.file).numbers(), "1 2 5 6");
}

TEST(SegmentReader, AHeaderInAnothersPlaceIsNotRead) {
  const ThreeBlocks segment;
  const std::string header = content_of(segment.file).substr(in_front + 4096 - 64, 64);

  segment.overwrite(in_front + 4096 - 128, header);

  EXPECT_EQ(read_segment(segment.file).numbers(), "1 3 4 5 6");
}

TEST(SegmentReader, ARecordOfAnotherSegmentIsNotRead) {
  SegmentHead other_head = fixed_head(4096, 3);
  other_head.salt ^= 1;
  WrittenSegment other(other_head);
  other.writer.append(numbered_record(7), std::string(1500, 'x'));
  other.writer.finish();
  const ThreeBlocks segment;

  segment.overwrite(in_front, content_of(other.file).substr(in_front, 4096));

  EXPECT_EQ(read_segment(segment.file).numbers(), "3 4 5 6");
}

TEST(SegmentReader, ADamagedFirstHeadLosesNothing) {
  const ThreeBlocks segment;

  segment.overwrite(0, "??");

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 2 3 4 5 6");
  EXPECT_EQ(reading.damage(), "head 0+4096");
}

TEST(SegmentReader, WithoutAHeadNothingIsRead) {
  const ThreeBlocks segment;

  segment.overwrite(0, "??");
  segment.overwrite(4096, "??");

  EXPECT_EQ(read_segment(segment.file).head_state, HeadState::damaged);
}

TEST(SegmentReader, ALaterVersionIsNotRead) {
  const ThreeBlocks segment;

  segment.overwrite(8, "\x02");
  segment.overwrite(4096 + 8, "\x02");

  EXPECT_EQ(read_segment(segment.file).head_state, HeadState::newer);
}

TEST(SegmentReader, AnEmptyFileAndAForeignOneHaveNoHead) {
  for (const std::string& content : {std::string(), std::string("PK\3\4"), std::string(99999, 0),
                                     std::string(200'000, '\xff')}) {
    const Descriptor file(anonymous_file(content));
    EXPECT_EQ(read_segment(file).head_state, HeadState::damaged);
  }
}

TEST(SegmentReader, WhatIsMissingAtTheEndIsSaid) {
  const ThreeBlocks segment;

  ASSERT_EQ(ftruncate(segment.file, in_front + 2 * 4096 + 100), 0);

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 2 3 4");
  EXPECT_EQ(reading.damage(), "chunk 16384+100, missing 16484+3996");
}

TEST(SegmentReader, WhatIsTooMuchAtTheEndIsSaid) {
  const ThreeBlocks segment;

  segment.overwrite(in_front + 3 * 4096, "more");

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 2 3 4 5 6");
  EXPECT_EQ(reading.damage(), "surplus 20480+4");
}

TEST(SegmentReader, AFileThatShrinksWhileItIsReadEnds) {
  const ThreeBlocks segment;
  const DecodedHead decoded = decoded_head(segment.file);
  SegmentReader reader(segment.file, decoded);
  ASSERT_EQ(reader.next(), Found::record);

  ASSERT_EQ(ftruncate(segment.file, in_front), 0);

  std::string bytes(1500, '\0');
  EXPECT_TRUE(reader.copy_bytes(bytes.data()));  // its block has been read
  EXPECT_EQ(reader.next(), Found::record);
  EXPECT_EQ(reader.next(), Found::damage);
  EXPECT_EQ(reader.damage().kind, DamageKind::missing);
  EXPECT_EQ(reader.next(), Found::end);
}

TEST(SegmentReader, ALargeRecordThatChangesAfterItWasFoundIsNotCopied) {
  WrittenSegment segment(fixed_head(4096, 4));
  segment.writer.append(numbered_record(1), std::string(10'000, 'x'));
  SegmentReader reader(segment.file, decoded_head(segment.file));
  ASSERT_EQ(reader.next(), Found::record);
  std::string bytes(10'000, '\0');
  ASSERT_TRUE(reader.copy_bytes(bytes.data()));

  ASSERT_EQ(pwrite(segment.file, "y", 1, in_front + 9000), 1);
  EXPECT_FALSE(reader.copy_bytes(bytes.data()));
  ASSERT_EQ(ftruncate(segment.file, in_front + 4096), 0);
  EXPECT_FALSE(reader.copy_bytes(bytes.data()));
}

TEST(SegmentReader, WhatIsMarkedAsSentIsNotGivenAgain) {
  WrittenSegment segment(fixed_head(4096, 6));
  segment.writer.append(numbered_record(1), "one");
  segment.writer.append(numbered_record(2), "two");
  segment.writer.append(numbered_record(3), std::string(9000, '3'));
  segment.writer.append(numbered_record(4), "four");
  segment.writer.finish();
  const DecodedHead decoded = decoded_head(segment.file);
  SegmentReader first(segment.file, decoded);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(first.next(), Found::record);
    if (i != 1) {
      ASSERT_EQ(first.settle(), 0);
    }
  }

  const Reading reading = read_segment(segment.file);

  EXPECT_EQ(reading.numbers(), "2 4");
  EXPECT_EQ(reading.tally.settled_records, 2U);
  EXPECT_EQ(reading.damage(), "");
}

TEST(SegmentReader, AChunkThatIsMarkedAsSentIsNotGivenAgain) {
  const ThreeBlocks segment;
  const std::uint32_t seed =
      chunk_seed(segment.head.salt, make_chunk_head(segment.head.salt, 1, 1, 1));
  const std::uint64_t mark = settled_mark(seed, 2);

  segment.overwrite(in_front + 4096 + settled_offset,
                    std::string(reinterpret_cast<const char*>(&mark), sizeof(mark)));

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 2 5 6");
  EXPECT_EQ(reading.tally.settled_records, 2U);
}

TEST(SegmentReader, AWrongMarkOfAChunkLosesNothing) {
  for (const std::size_t mark : {sealed_offset, settled_offset}) {
    const ThreeBlocks segment;

    segment.overwrite(in_front + mark, "\x07");

    const Reading reading = read_segment(segment.file);
    EXPECT_EQ(reading.numbers(), "1 2 3 4 5 6");
    EXPECT_EQ(reading.damage(), "mark 8232+16");
  }
}

TEST(SegmentReader, ADamagedLastRecordOfAnOpenChunkIsSaid) {
  WrittenSegment segment(fixed_head(4096, 1));
  for (std::uint64_t i = 1; i <= 3; ++i) segment.writer.append(numbered_record(i), "bytes");
  segment.writer.flush();

  ASSERT_EQ(pwrite(segment.file, "B", 1, in_front + 128 + 10), 1);

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 2");
  EXPECT_EQ(reading.damage(), "record 12096+64");
}

TEST(SegmentReader, AHeaderOfNothingInAnOpenChunkHidesNoneBehindIt) {
  WrittenSegment segment(fixed_head(4096, 1));
  for (std::uint64_t i = 1; i <= 3; ++i) segment.writer.append(numbered_record(i), "bytes");
  segment.writer.flush();

  ASSERT_EQ(pwrite(segment.file, std::string(64, '\0').data(), 64, in_front + 4096 - 128), 64);

  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1 3");
  EXPECT_EQ(reading.damage(), "record 12160+64");
}

TEST(SegmentReader, ARecordOfALaterKindIsLeftOutAndCounted) {
  WrittenSegment segment(fixed_head(4096, 1));
  segment.writer.append(numbered_record(1, static_cast<RecordKind>(77)), "later");
  segment.writer.append(numbered_record(2), "now");
  segment.writer.finish();

  const Reading reading = read_segment(segment.file);

  EXPECT_EQ(reading.numbers(), "2");
  EXPECT_EQ(reading.damage(), "unknown kind 12224+64");
}

TEST(SegmentReader, AHoleOfATerabyteCostsNoTime) {
  WrittenSegment segment(fixed_head(langfuse::internal::largest_block, 1U << 24));
  segment.writer.append(numbered_record(1), "one");
  segment.writer.finish();

  const Reading reading = read_segment(segment.file);

  EXPECT_EQ(reading.numbers(), "1");
  EXPECT_EQ(reading.damage(), "");
}

// Every header claims the whole block, so that each would be checked to its end.
TEST(SegmentReader, AFileMadeToBeSlowIsNot) {
  SegmentHead head = fixed_head(langfuse::internal::largest_block, 1);
  const WrittenSegment segment(head);
  std::string block(head.block_bytes, '\xff');
  const ChunkHead chunk = make_chunk_head(head.salt, 0, 1, 1);
  std::memcpy(block.data(), &chunk, sizeof(chunk));
  for (std::size_t slot = 0; slot < 800; ++slot) {
    const std::size_t offset = header_offset(head.block_bytes, slot);
    Record record = numbered_record(slot);
    record.crc32c = 1;
    record.size = 10'000;
    record.to_data = static_cast<std::int32_t>(chunk_prologue) - static_cast<std::int32_t>(offset);
    record.headers_to_block = to_block(offset);
    std::memcpy(block.data() + offset, static_cast<const void*>(&record), sizeof(record));
  }
  ASSERT_EQ(pwrite(segment.file, block.data(), block.size(), in_front),
            static_cast<ssize_t>(block.size()));

  const Reading reading = read_segment(segment.file);

  EXPECT_EQ(reading.numbers(), "");
  EXPECT_GT(reading.tally.lost_records, 0U);
}

TEST(SegmentReader, WhatCannotBeReadIsSaid) {
  const DecodedHead decoded{HeadState::whole, false, in_front, fixed_head(4096, 2)};
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor input(ends[0]);
  const Descriptor output(ends[1]);

  SegmentReader reader(input, decoded);

  ASSERT_EQ(reader.next(), Found::damage);
  EXPECT_EQ(reader.damage().kind, DamageKind::unreadable);
  EXPECT_EQ(reader.damage().system_error, ESPIPE);
}

}  // namespace
}  // namespace langfuse_test
