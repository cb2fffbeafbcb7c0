#include "storage/segment_writer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "storage/crc32c.h"
#include "tests/storage/disk_faults.h"
#include "tests/storage/segment_fixture.h"

namespace langfuse_test {
namespace {

TEST(SegmentWriter, WhatWasWrittenIsRead) {
  WrittenSegment segment(fixed_head(4096, 4));

  segment.writer.append(numbered_record(1), "one");
  segment.writer.append(numbered_record(2, RecordKind::log_line), std::string(100, 'b'));
  segment.writer.append(numbered_record(3, RecordKind::score), "{}");
  ASSERT_TRUE(segment.writer.flush());

  const Descriptor copy(dup(segment.file));
  SegmentReader reader(copy, decoded_head(copy));
  ASSERT_EQ(reader.next(), Found::record);
  ASSERT_EQ(reader.next(), Found::record);
  const Record& second = reader.record();
  EXPECT_EQ(second.kind, RecordKind::log_line);
  EXPECT_EQ(second.sequence, 2U);
  EXPECT_EQ(second.trace_id, numbered_record(2).trace_id);
  EXPECT_EQ(second.span_id, numbered_record(2).span_id);
  EXPECT_EQ(second.start_unix_nano, numbered_record(2).start_unix_nano);
  std::string bytes(second.size, '\0');
  ASSERT_TRUE(reader.copy_bytes(bytes.data()));
  EXPECT_EQ(bytes, std::string(100, 'b'));
  EXPECT_EQ(reader.next(), Found::record);
  EXPECT_EQ(reader.next(), Found::end);
}

TEST(SegmentWriter, TheHeadSaysWhoseRecordsTheyAre) {
  const WrittenSegment segment(fixed_head(4096, 1));

  const SegmentHead head = read_segment(segment.file).head;

  EXPECT_EQ(head.resource, "(resource)");
  EXPECT_EQ(head.scope, "(scope)");
  EXPECT_EQ(head.machine, "build-7");
  EXPECT_EQ(head.base_url, "https://cloud.langfuse.com");
  EXPECT_EQ(head.project, segment.head.project);
  EXPECT_EQ(head.owner.boot_id, segment.head.owner.boot_id);
  EXPECT_EQ(head.owner.pid, 4711U);
  EXPECT_EQ(head.owner.start_time, 123'456U);
  EXPECT_EQ(head.owner.copy, segment.head.owner.copy);
  EXPECT_EQ(head.created_unix_nano, segment.head.created_unix_nano);
}

TEST(SegmentWriter, AHeadMayBeLongAndNotTooLong) {
  SegmentHead head = fixed_head(4096, 1);
  head.resource = std::string(60'000, 'r');
  const WrittenSegment segment(head);

  EXPECT_EQ(read_segment(segment.file).head.resource, head.resource);

  head.resource = std::string(largest_head, 'r');
  EXPECT_EQ(encode_heads(head), "");
}

TEST(SegmentWriter, IsFullWhenNoBlockIsLeft) {
  WrittenSegment segment(fixed_head(4096, 2));
  const std::string bytes(1500, 'x');

  std::uint64_t written = 0;
  while (segment.writer.append(numbered_record(written + 1), bytes) == Appended::done) ++written;

  EXPECT_EQ(written, 4U);  // two a block
  EXPECT_EQ(segment.writer.append(numbered_record(9), bytes), Appended::full);
  ASSERT_TRUE(segment.writer.finish());
  EXPECT_EQ(segment.writer.records(), 4U);
  EXPECT_EQ(read_segment(segment.file).numbers(), "1 2 3 4");
}

TEST(SegmentWriter, FillsABlockToItsLastByte) {
  WrittenSegment segment(fixed_head(4096, 1));
  const std::string most(langfuse::internal::largest_in_block(4096), 'm');

  ASSERT_EQ(segment.writer.append(numbered_record(1), most), Appended::done);
  ASSERT_EQ(segment.writer.append(numbered_record(2), "x"), Appended::full);
  ASSERT_TRUE(segment.writer.finish());

  const Reading reading = read_segment(segment.file);
  ASSERT_EQ(reading.numbers(), "1");
  EXPECT_EQ(reading.records.front().bytes, most);
  EXPECT_EQ(reading.damage(), "");
}

TEST(SegmentWriter, ARecordOfSeveralBlocksIsBetweenTheOthers) {
  WrittenSegment segment(fixed_head(4096, 8));
  std::string large(3 * 4096, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i % 251);

  segment.writer.append(numbered_record(1), "before");
  ASSERT_EQ(segment.writer.append(numbered_record(2), large), Appended::done);
  segment.writer.append(numbered_record(3), "behind");
  EXPECT_EQ(segment.writer.append(numbered_record(4), large), Appended::full);
  ASSERT_TRUE(segment.writer.finish());

  const Reading reading = read_segment(segment.file);
  ASSERT_EQ(reading.numbers(), "1 2 3");
  EXPECT_EQ(reading.records[1].bytes, large);
  EXPECT_EQ(reading.damage(), "");
}

TEST(SegmentWriter, WhatWasNotFlushedIsNotThere) {
  WrittenSegment segment(fixed_head(4096, 2));

  segment.writer.append(numbered_record(1), "one");
  segment.writer.flush();
  segment.writer.append(numbered_record(2), "two");

  EXPECT_EQ(segment.writer.records(), 1U);
  EXPECT_EQ(segment.writer.unwritten(), 1U);
  EXPECT_EQ(read_segment(segment.file).numbers(), "1");
  segment.writer.sync();
  EXPECT_EQ(segment.writer.unwritten(), 0U);
  EXPECT_EQ(read_segment(segment.file).numbers(), "1 2");
}

TEST(SegmentWriter, ADiskThatTakesNoMoreIsSaidWithWhatIsMissing) {
  WrittenSegment segment(fixed_head(4096, 4));
  segment.writer.append(numbered_record(1), "one");
  ASSERT_TRUE(segment.writer.flush());
  segment.writer.append(numbered_record(2), "two");
  segment.writer.append(numbered_record(3), "three");

  const DiskFault full(DiskCall::write, ENOSPC);

  EXPECT_FALSE(segment.writer.flush());
  EXPECT_EQ(segment.writer.error(), ENOSPC);
  EXPECT_EQ(segment.writer.unwritten(), 2U);
  EXPECT_EQ(segment.writer.append(numbered_record(4), "four"), Appended::failed);
  EXPECT_EQ(read_segment(segment.file).numbers(), "1");
  EXPECT_EQ(read_segment(segment.file).damage(), "");
}

// Each call that writes is the one that fails once: what was in the file stays, and nothing is
// half.
TEST(SegmentWriter, NoFailingWriteHurtsWhatWasThere) {
  for (int calls_before = 0; calls_before < 12; ++calls_before) {
    WrittenSegment segment(fixed_head(4096, 8));
    segment.writer.append(numbered_record(1), "one");
    ASSERT_TRUE(segment.writer.flush());
    {
      const DiskFault fault(DiskCall::write, EIO, calls_before);
      for (std::uint64_t i = 2; i < 5; ++i) {
        segment.writer.append(numbered_record(i), std::string(1000 * i, 'x'));
      }
      segment.writer.append(numbered_record(5), std::string(9000, 'l'));
      segment.writer.flush();
    }

    const Reading reading = read_segment(segment.file);
    ASSERT_GE(reading.records.size(), segment.writer.records()) << calls_before;
    for (std::size_t i = 0; i < reading.records.size(); ++i) {
      EXPECT_EQ(reading.records[i].sequence, i + 1) << calls_before;
    }
  }
}

TEST(SegmentWriter, AFailingSyncIsSaid) {
  WrittenSegment segment(fixed_head(4096, 2));
  segment.writer.append(numbered_record(1), "one");

  const DiskFault fault(DiskCall::sync, EIO);

  EXPECT_FALSE(segment.writer.sync());
  EXPECT_EQ(segment.writer.error(), EIO);
}

// A mapped block, as a thread writes it in place: the store of the checksum makes the record.
TEST(SegmentFormat, ARecordIsThereFromItsCommitOn) {
  using namespace langfuse::internal;
  WrittenSegment segment(fixed_head(4096, 1));
  const std::size_t in_front = encode_heads(segment.head).size();
  auto* const block = static_cast<char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
                                              segment.file, static_cast<off_t>(in_front)));
  ASSERT_NE(static_cast<void*>(block), MAP_FAILED);
  const auto put = [&](std::size_t slot, std::size_t data, const std::string& bytes) {
    auto* const record = new (block + header_offset(4096, slot)) Record(numbered_record(slot + 1));
    record->to_data = static_cast<std::int32_t>(
        static_cast<std::int64_t>(data) - static_cast<std::int64_t>(header_offset(4096, slot)));
    record->headers_to_block = to_block(header_offset(4096, slot));
    record->size = static_cast<std::uint32_t>(bytes.size());
    bytes.copy(record->data(), bytes.size());
    return record;
  };
  const ChunkHead head = make_chunk_head(segment.head.salt, 0, 1, 1);
  new (block) ChunkHead(head);

  Record* const first = put(0, chunk_prologue, "first");
  EXPECT_EQ(read_segment(segment.file).tally.unfinished, 1U);
  EXPECT_EQ(read_segment(segment.file).numbers(), "");
  commit_record(*first, chunk_seed(segment.head.salt, head), first - 1);
  EXPECT_EQ(read_segment(segment.file).numbers(), "1");
  Record* const second = put(1, chunk_prologue + 5, "second");
  commit_record(*second, chunk_seed(segment.head.salt, head), second - 1);
  EXPECT_EQ(read_segment(segment.file).numbers(), "1 2");

  // The block is used again: nothing of before is a record of now.
  const ChunkHead again = make_chunk_head(segment.head.salt, 0, 1, 2);
  new (block) ChunkHead(again);
  EXPECT_EQ(read_segment(segment.file).numbers(), "");
  Record* const renewed = put(0, chunk_prologue, "again");
  commit_record(*renewed, chunk_seed(segment.head.salt, again), renewed - 1);
  const Reading reading = read_segment(segment.file);
  EXPECT_EQ(reading.numbers(), "1");
  EXPECT_EQ(reading.damage(), "");
  munmap(block, 4096);
}

}  // namespace
}  // namespace langfuse_test
