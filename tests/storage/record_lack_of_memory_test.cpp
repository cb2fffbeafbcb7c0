// Lack of memory where records live: every allocation of a thread that makes, gathers and keeps
// records is made to fail, alone and with those that follow. A record that was made is whole.
#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "storage/chunk_home.h"
#include "storage/record_memory.h"
#include "storage/record_runs.h"
#include "tests/support/allocation_counter.h"

namespace langfuse::internal {
namespace {

using langfuse::testing::FailingAllocations;

struct Outcome {
  std::uint64_t allocations = 0;
  int made = 0;
  int lost = 0;   // for which there was no memory, or no place in the batch
  int wrong = 0;  // not what was written
};

// Small ones, and some that are larger than a chunk.
std::size_t size_of(int number) {
  return static_cast<std::size_t>(number % 97 == 0 ? 100'000 : 100 + number % 300);
}

void make_and_gather(int number, RecordRuns& records, Outcome& outcome) {
  RecordPtr record = allocate_record(size_of(number) + 50);
  if (record == nullptr) {
    ++outcome.lost;
    return;
  }
  record->size = static_cast<std::uint32_t>(size_of(number));
  record->sequence = static_cast<std::uint64_t>(number);
  for (std::uint32_t i = 0; i < record->size; ++i) record->data()[i] = static_cast<char>(number);
  shrink_record(record);
  if (number % 5 == 0) keep_record(record);
  try {
    records.push_back(std::move(record));
    ++outcome.made;
  } catch (const std::bad_alloc&) {
    ++outcome.lost;
  }
}

// On a thread of its own, which begins without a chunk.
Outcome live(std::uint64_t first_failure, std::uint64_t failures) {
  constexpr int records_made = 1000;
  Outcome outcome;
  std::thread([&] {
    const std::uint64_t before = langfuse::testing::thread_allocations();
    RecordRuns records;
    {
      const FailingAllocations failing(first_failure, failures);
      for (int i = 0; i < records_made; ++i) make_and_gather(i, records, outcome);
      records.keep();
    }
    outcome.allocations = langfuse::testing::thread_allocations() - before;
    records.for_each([&](const Record& record) {
      const auto expected = static_cast<char>(record.sequence);
      if (record.size != size_of(static_cast<int>(record.sequence)) ||
          record.bytes().find_first_not_of(expected) != std::string_view::npos)
        ++outcome.wrong;
    });
  }).join();
  trim_chunks();
  trim_chunks();
  return outcome;
}

void expect_whole(const Outcome& outcome, std::uint64_t before) {
  EXPECT_EQ(outcome.made + outcome.lost, 1000);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(chunk_bytes(), before);
}

TEST(RecordsWithoutMemory, OfOneAllocationAreWholeOrNotThere) {
  trim_chunks();
  trim_chunks();
  const std::uint64_t before = chunk_bytes();
  const std::uint64_t all = live(0, 0).allocations;
  ASSERT_GT(all, 20U);

  for (std::uint64_t index = 0; index < all + 5 && !HasFailure(); ++index) {
    SCOPED_TRACE("allocation " + std::to_string(index));
    const Outcome outcome = live(index, 1);
    expect_whole(outcome, before);
    EXPECT_LE(outcome.lost, 1);
  }
}

TEST(RecordsWithoutMemory, OfAllAllocationsFromOneOnAreWholeOrNotThere) {
  const std::uint64_t before = chunk_bytes();
  const std::uint64_t all = live(0, 0).allocations;

  for (std::uint64_t index = 0; index < all && !HasFailure(); index += 3) {
    SCOPED_TRACE("allocation " + std::to_string(index) + " and all that follow");
    expect_whole(live(index, FailingAllocations::all), before);
  }
}

}  // namespace
}  // namespace langfuse::internal
