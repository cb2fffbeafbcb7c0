#include "sinks/process_root.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "model/random_ids.h"
#include "tests/support/capture.h"
#include "tests/support/sanitizers.h"

namespace langfuse::internal {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t now = 1'786'000'000 * second;

class ProcessRootsTest : public testing::Test {
 protected:
  ProcessRoots roots_;
  std::uint64_t seed_ = 42;
  std::uint64_t client_ = 255;
  std::uint64_t other_client_ = 256;

  ProcessRoots::Place place(std::int64_t time = now) { return roots_.place(client_, seed_, time); }
};

TEST_F(ProcessRootsTest, TakeAThousandLinesEach) {
  std::set<std::string> ids;
  int new_roots = 0;
  for (int i = 0; i < 3000; ++i) {
    const ProcessRoots::Place at = place();
    EXPECT_TRUE(at.root.is_valid());
    EXPECT_EQ(at.is_new, i % 1000 == 0) << i;
    new_roots += at.is_new ? 1 : 0;
    ids.insert(std::string(at.root.trace_id.hex()) + std::string(at.root.span_id.hex()));
  }

  EXPECT_EQ(new_roots, 3);
  EXPECT_EQ(ids.size(), 3u);
}

TEST_F(ProcessRootsTest, LastAnHour) {
  const ProcessRoots::Place first = place(now);
  const ProcessRoots::Place within = place(now + 3599 * second);
  const ProcessRoots::Place after = place(now + 3600 * second);

  EXPECT_EQ(within.root, first.root);
  EXPECT_TRUE(after.is_new);
  EXPECT_NE(after.root, first.root);
}

TEST_F(ProcessRootsTest, AreNotRenewedByAnOldLine) {
  const ProcessRoots::Place first = place(now);

  EXPECT_EQ(place(now - 7200 * second).root, first.root);
  EXPECT_EQ(place(0).root, first.root);
  EXPECT_EQ(place(-1).root, first.root);
  EXPECT_EQ(place(now).root, first.root);
}

TEST_F(ProcessRootsTest, AreNotSharedByTwoClients) {
  const ProcessRoots::Place first = place();
  const ProcessRoots::Place other = roots_.place(other_client_, seed_, now);
  const ProcessRoots::Place other_again = roots_.place(other_client_, seed_, now);

  EXPECT_TRUE(other.is_new);
  EXPECT_NE(other.root, first.root);
  EXPECT_FALSE(other_again.is_new);
  EXPECT_EQ(other_again.root, other.root);
}

TEST_F(ProcessRootsTest, DifferBetweenProcesses) {
  ProcessRoots other;

  EXPECT_NE(other.place(client_, 43, now).root.trace_id, place().root.trace_id);
}

// Four threads, 40 000 lines: 40 roots, each opened once and each with its thousand lines, the
// first of the client, too.
TEST_F(ProcessRootsTest, CountExactlyWhenManyThreadsLog) {
  constexpr int threads = 4;
  constexpr int lines_a_thread = 10'000;
  std::mutex mutex;
  std::map<std::string, int> lines;
  int new_roots = 0;
  roots_.place(other_client_, seed_, now);
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&] {
      std::map<std::string, int> own;
      int own_new = 0;
      for (int line = 0; line < lines_a_thread; ++line) {
        const ProcessRoots::Place at = place();
        ++own[std::string(at.root.trace_id.hex())];
        own_new += at.is_new ? 1 : 0;
      }
      const std::lock_guard<std::mutex> lock(mutex);
      new_roots += own_new;
      for (const auto& [root, count] : own) lines[root] += count;
    });
  }
  for (std::thread& thread : running) thread.join();

  EXPECT_EQ(new_roots, 40);
  EXPECT_EQ(lines.size(), 40u);
  for (const auto& [root, count] : lines) EXPECT_EQ(count, 1000) << root;
}

#if !LANGFUSE_TEST_HAS_TSAN  // which gives up where a forked child starts a thread
// The trace of the next root, below a client of its own.
TraceId next_root() {
  Capture capture;
  return process_root(capture.client(), now).trace_id;
}

TEST(ProcessRoot, OfAForkedChildIsNotTheNextOfItsParent) {
  next_root();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    Client::forget();
    const TraceId id = next_root();
    _exit(write(ends[1], id.bytes, sizeof id.bytes) == sizeof id.bytes ? 0 : 1);
  }
  TraceId of_child;
  EXPECT_EQ(read(ends[0], of_child.bytes, sizeof of_child.bytes),
            static_cast<ssize_t>(sizeof of_child.bytes));
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(ends[0]);
  close(ends[1]);

  EXPECT_NE(std::string(of_child.hex()), std::string(next_root().hex()));
}
#endif

}  // namespace
}  // namespace langfuse::internal
