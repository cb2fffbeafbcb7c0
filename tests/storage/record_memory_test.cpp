#include "storage/record_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <thread>

#include "storage/chunk.h"
#include "storage/thread_chunks.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

bool is_alone(const RecordPtr& record) {
  return chunk_of(*record).home == nullptr;
}

TEST(Record, HoldsTheBytesThatAreWrittenToItsPlace) {
  const RecordPtr record = allocate_record(5);
  ASSERT_NE(record, nullptr);

  std::memcpy(record->data(), "hello", 5);
  record->size = 5;

  EXPECT_EQ(record->bytes(), "hello");
  EXPECT_EQ(record->footprint(), sizeof(Record) + 5 + record->slack);
}

TEST(Record, IsRefusedBeyondWhatItsSizeFieldCanSay) {
  const RecordPtr record =
      allocate_record(std::size_t{std::numeric_limits<std::uint32_t>::max()} + 1);

  EXPECT_EQ(record, nullptr);
}

TEST(Record, GoesTheWayOfItsKind) {
  const RecordPtr record = allocate_record(0);
  ASSERT_NE(record, nullptr);

  record->kind = RecordKind::log_line;
  EXPECT_EQ(record->route(), Route::spans);
  record->kind = RecordKind::score;
  EXPECT_EQ(record->route(), Route::scores);
}

TEST(Record, ThatIsSmallLiesBesideTheOneBefore) {
  const RecordPtr first = make_record("one");
  const RecordPtr second = make_record("two");

  EXPECT_EQ(second.get(), first.get() - 1);
  EXPECT_EQ(second->data(), first->data() + 3);
  EXPECT_FALSE(is_alone(first));
}

TEST(Record, ThatIsLargerThanAChunkIsAlone) {
  const std::string text(1'000'000, 'x');

  const RecordPtr record = make_record(text);

  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(is_alone(record));
  EXPECT_EQ(record->bytes(), text);
}

TEST(Record, OfEverySizeHoldsItsBytes) {
  for (std::size_t size = 0; size < 3 * most_in_chunk; size += 61) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    const RecordPtr before = make_record("before");
    const RecordPtr record = make_record(text);
    const RecordPtr behind = make_record("behind");

    ASSERT_EQ(before->bytes(), "before");
    ASSERT_EQ(record->bytes(), text);
    ASSERT_EQ(behind->bytes(), "behind");
    ASSERT_EQ(is_alone(record), size > most_in_chunk);
  }
}

TEST(Record, GivesBackTheRoomThatItDoesNotNeed) {
  RecordPtr first = allocate_record(1000);
  std::memcpy(first->data(), "one", 3);
  first->size = 3;

  shrink_record(first);

  const RecordPtr second = make_record("two");
  EXPECT_EQ(first->capacity, 3u);
  EXPECT_EQ(second->data(), first->data() + 3);
}

TEST(Record, KeepsItsRoomWhereAnotherFollowedIt) {
  RecordPtr first = allocate_record(1000);
  const RecordPtr second = make_record("two");
  std::memcpy(first->data(), "one", 3);
  first->size = 3;

  shrink_record(first);

  EXPECT_EQ(first->capacity, 1000u);
  EXPECT_EQ(second->data(), first->data() + 1000);
}

TEST(Record, ThatIsAloneGivesBackMuchRoomAndKeepsItsHeader) {
  RecordPtr record = allocate_record(100'000);
  record->size = 3;
  std::memcpy(record->data(), "one", 3);
  record->kind = RecordKind::log_line;
  record->start_unix_nano = 7;

  shrink_record(record);

  EXPECT_EQ(record->capacity, 3u);
  EXPECT_EQ(record->bytes(), "one");
  EXPECT_EQ(record->kind, RecordKind::log_line);
  EXPECT_EQ(record->start_unix_nano, 7);
}

TEST(Record, ThatIsGivenUpLeavesItsPlaceToTheNextOne) {
  RecordPtr first = make_record("one");
  const Record* const place = first.get();

  first.reset();

  const RecordPtr second = make_record("two");
  EXPECT_EQ(second.get(), place);
}

TEST(Record, ThatIsKeptIsTheSameInAnotherPlace) {
  const RecordPtr before = make_record("before");
  RecordPtr record = make_record("kept", RecordKind::log_line);
  record->sequence = 5;
  record->start_unix_nano = 7;
  const std::size_t footprint = record->footprint();

  EXPECT_TRUE(keep_record(record));

  EXPECT_TRUE(is_alone(record));
  EXPECT_EQ(record->bytes(), "kept");
  EXPECT_EQ(record->kind, RecordKind::log_line);
  EXPECT_EQ(record->sequence, 5u);
  EXPECT_EQ(record->start_unix_nano, 7);
  EXPECT_EQ(record->footprint(), footprint);
}

TEST(Record, OutlivesTheThreadThatMadeIt) {
  RecordPtr record;

  std::thread([&] { record = make_record("from a thread that is gone"); }).join();

  EXPECT_EQ(record->bytes(), "from a thread that is gone");
}

TEST(Record, OfAnotherThreadIsNotTakenForTheLastOne) {
  const RecordPtr mine = make_record("mine");
  RecordPtr other;
  std::thread([&] {
    other = allocate_record(1000);
    other->size = 1;
  }).join();

  shrink_record(other);

  EXPECT_EQ(other->capacity, 1000u);
  EXPECT_EQ(mine->bytes(), "mine");
}

}  // namespace
}  // namespace langfuse::internal
