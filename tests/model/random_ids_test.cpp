#include "model/random_ids.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bitset>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace langfuse::internal {
namespace {

TEST(RandomIds, AreValidAndNeverRepeatAcrossThreads) {
  constexpr int threads = 4;
  constexpr int ids_a_thread = 5000;
  std::vector<std::string> ids[threads];
  std::vector<std::thread> running;
  for (std::vector<std::string>& own : ids) {
    running.emplace_back([&own] {
      for (int i = 0; i < ids_a_thread; ++i) {
        const TraceId trace = random_trace_id();
        const SpanId span = random_span_id();
        EXPECT_TRUE(trace.is_valid());
        EXPECT_TRUE(span.is_valid());
        own.emplace_back(trace.hex());
        own.emplace_back(span.hex());
      }
    });
  }
  for (std::thread& thread : running) thread.join();

  std::set<std::string> all;
  for (const std::vector<std::string>& own : ids) all.insert(own.begin(), own.end());
  EXPECT_EQ(all.size(), std::size_t{threads} * ids_a_thread * 2);
}

// 64 000 bits: more than 1 500 from the middle comes once in 10^32 runs.
TEST(RandomIds, SetHalfOfTheBits) {
  std::size_t ones = 0;
  for (int i = 0; i < 1000; ++i) ones += std::bitset<64>(random_bits()).count();

  EXPECT_NEAR(static_cast<double>(ones), 32'000, 1500);
}

// What a forked child draws next.
std::uint64_t next_in_child() {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::uint64_t bits = random_bits();
    _exit(write(ends[1], &bits, sizeof bits) == sizeof bits ? 0 : 1);
  }
  std::uint64_t bits = 0;
  EXPECT_EQ(read(ends[0], &bits, sizeof bits), static_cast<ssize_t>(sizeof bits));
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(ends[0]);
  close(ends[1]);
  return bits;
}

TEST(RandomIds, OfForkedChildrenAreNeitherTheirParentsNorEachOthers) {
  random_bits();
  const std::uint64_t first = next_in_child();
  const std::uint64_t second = next_in_child();

  const std::uint64_t own = random_bits();

  EXPECT_NE(first, own);
  EXPECT_NE(second, own);
  EXPECT_NE(first, second);
}

TEST(RandomIds, UuidsAreOfVersionFourAndNeverRepeat) {
  std::set<std::string> all;
  for (int i = 0; i < 10'000; ++i) {
    const std::string uuid(random_uuid());
    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid.find_first_not_of("0123456789abcdef-"), std::string::npos) << uuid;
    for (const std::size_t dash : {8u, 13u, 18u, 23u}) EXPECT_EQ(uuid[dash], '-') << uuid;
    EXPECT_EQ(uuid[14], '4') << uuid;
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    all.insert(uuid);
  }

  EXPECT_EQ(all.size(), 10'000u);
}

}  // namespace
}  // namespace langfuse::internal
