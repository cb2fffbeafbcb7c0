#include "storage/record_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace langfuse::internal {
namespace {

TEST(Record, HoldsTheBytesThatAreWrittenBehindItsHeader) {
  const RecordPtr record = allocate_record(5);
  ASSERT_NE(record, nullptr);

  std::memcpy(record->data(), "hello", 5);
  record->size = 5;

  EXPECT_EQ(record->bytes(), "hello");
  EXPECT_EQ(record->footprint(), sizeof(Record) + 5);
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

}  // namespace
}  // namespace langfuse::internal
