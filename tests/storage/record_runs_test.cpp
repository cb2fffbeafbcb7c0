#include "storage/record_runs.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "storage/chunk.h"
#include "storage/chunk_home.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

std::string text_of(const RecordRuns& records) {
  std::string text;
  records.append_to(text);
  return text;
}

// Each on its own, with a stroke behind it: what a body does not show.
std::string strokes(const RecordRuns& records) {
  std::string text;
  records.for_each([&](const Record& record) { text.append(record.bytes()) += '|'; });
  return text;
}

RecordRuns runs_of(const std::vector<std::string>& texts) {
  RecordRuns records;
  for (const std::string& text : texts) records.push_back(make_record(text));
  return records;
}

TEST(RecordRuns, AreTheBytesOfTheRecordsInTheirOrder) {
  const RecordRuns records = runs_of({"one ", "two ", "three"});

  EXPECT_EQ(text_of(records), "one two three");
  EXPECT_EQ(strokes(records), "one |two |three|");
  EXPECT_EQ(records.size(), 3u);
  EXPECT_EQ(records.bytes(), 13u);
}

TEST(RecordRuns, AreOnePieceForWhatLiesSideBySide) {
  RecordRuns records = runs_of({"one ", "two "});
  const RecordPtr between = make_record("of another batch");
  records.push_back(make_record("three"));
  std::vector<std::string_view> pieces;

  records.append_to(pieces);

  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(records.runs(), 2u);
  EXPECT_EQ(pieces[0], "one two ");
  EXPECT_EQ(pieces[0].data(), records.front().data());
  EXPECT_EQ(pieces[1], "three");
}

TEST(RecordRuns, AreContinuedByTheNextRecordOfTheThread) {
  RecordPtr first = make_record("one");
  RecordPtr second = make_record("two");
  const QueuedRecord next = RecordRuns::queued(*second);
  RecordRuns records;
  EXPECT_FALSE(records.is_continued_by(next));

  records.push_back(std::move(first));

  EXPECT_TRUE(records.is_continued_by(next));
}

TEST(RecordRuns, HaveNoGaps) {
  RecordPtr wide = allocate_record(100);
  wide->size = 0;
  RecordPtr next = make_record("next");
  RecordRuns records;
  records.push_back(std::move(wide));
  EXPECT_FALSE(records.is_continued_by(RecordRuns::queued(*next)));

  records.push_back(std::move(next));

  EXPECT_EQ(text_of(records), "next");
}

TEST(RecordRuns, GoOnBehindARecordThatWasGivenUp) {
  RecordRuns records;
  records.push_back(make_record("one "));
  make_record("given up").reset();
  records.push_back(make_record("two "));
  RecordPtr dropped = make_record("dropped");
  records.push_back(make_record("three"));
  dropped.reset();

  EXPECT_EQ(text_of(records), "one two three");
}

TEST(RecordRuns, MixSmallAndLargeOnesAndThoseOfOtherThreads) {
  const std::string large(10'000, 'L');
  RecordRuns records;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    records.push_back(make_record(std::to_string(i)));
    records.push_back(make_record(large));
    std::thread([&] { records.push_back(make_record("other")); }).join();
    expected += std::to_string(i) + large + "other";
  }

  EXPECT_EQ(text_of(records), expected);
  EXPECT_EQ(records.bytes(), expected.size());
}

TEST(RecordRuns, GiveAwayTheFirstOnes) {
  RecordRuns records = runs_of({"1", "22", "333", "4444"});
  const std::uint64_t footprint = records.footprint();

  const RecordRuns first = records.take_first(3);

  EXPECT_EQ(strokes(first), "1|22|333|");
  EXPECT_EQ(strokes(records), "4444|");
  EXPECT_EQ(first.bytes(), 6u);
  EXPECT_EQ(records.bytes(), 4u);
  EXPECT_EQ(first.footprint() + records.footprint(), footprint);
}

TEST(RecordRuns, SayHowManyFitIntoSoManyBytes) {
  const RecordRuns records = runs_of({"1", "22", "333", "4"});

  EXPECT_EQ(records.first_within(0), 1u);
  EXPECT_EQ(records.first_within(2), 1u);
  EXPECT_EQ(records.first_within(3), 2u);
  EXPECT_EQ(records.first_within(5), 2u);
  EXPECT_EQ(records.first_within(6), 3u);
  EXPECT_EQ(records.first_within(100), 4u);
}

TEST(RecordRuns, ThatAreKeptLeaveTheChunksOfThreads) {
  trim_chunks();
  trim_chunks();
  const std::uint64_t before = chunk_bytes();
  RecordRuns records;
  std::string expected;
  std::thread([&] {
    for (int i = 0; i < 500; ++i) {
      records.push_back(make_record(std::to_string(i)));
      expected += std::to_string(i) + '|';
    }
  }).join();
  const std::uint64_t footprint = records.footprint();

  records.keep();

  trim_chunks();
  trim_chunks();
  EXPECT_EQ(chunk_bytes(), before);
  EXPECT_EQ(strokes(records), expected);
  EXPECT_EQ(records.footprint(), footprint);
  std::uint64_t sum = 0;
  records.for_each([&](const Record& record) { sum += record.footprint(); });
  EXPECT_EQ(sum, footprint);
}

TEST(RecordRuns, ThatAreKeptTakeNothingForTheNextRecord) {
  RecordPtr first = make_record("one ");
  RecordPtr second = make_record("two");
  RecordRuns records;
  records.push_back(std::move(first));

  records.keep();
  records.push_back(std::move(second));

  EXPECT_EQ(text_of(records), "one two");
}

TEST(RecordRuns, HandOutEachRecord) {
  RecordRuns records = runs_of({"0", "1", "2", "3"});
  RecordRuns even;
  RecordRuns odd;
  even.reserve(4);
  odd.reserve(4);

  records.hand_out([&](const QueuedRecord& each) {
    (each.record->data()[0] % 2 == 0 ? even : odd).push_back(each);
  });

  EXPECT_TRUE(records.empty());
  EXPECT_EQ(strokes(even), "0|2|");
  EXPECT_EQ(strokes(odd), "1|3|");
}

}  // namespace
}  // namespace langfuse::internal
