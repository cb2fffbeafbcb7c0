#include "pipeline/flush_sources.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/diagnostics.h"
#include "pipeline/thread.h"
#include "tests/support/sanitizers.h"

namespace langfuse::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

SteadyTime in(std::chrono::nanoseconds wait) {
  return std::chrono::steady_clock::now() + wait;
}

// The lists are never destroyed, as in the library: their threads may hang in a source.
FlushSources& make_sources() {
  static std::vector<FlushSources*>* const all = new std::vector<FlushSources*>();
  all->push_back(new FlushSources());
  return *all->back();
}

class FlushSourcesTest : public ::testing::Test {
 protected:
  FlushSourcesTest() {
    DiagnosticsOptions options;
    options.on_error = [this](const Diagnostic& diagnostic) {
      said_.emplace_back(diagnostic.message);
    };
    configure_diagnostics(std::move(options));
  }
  ~FlushSourcesTest() override { configure_diagnostics({}); }

  std::vector<std::string> said_;
};

TEST(FlushSource, IsEmptyWhereWhatItIsMadeOfIs) {
  void (*const no_function)(std::int64_t) = nullptr;

  EXPECT_FALSE(FlushSource(no_function));
  EXPECT_FALSE(FlushSource(std::function<void(std::int64_t)>()));
  EXPECT_TRUE(FlushSource(std::function<void(std::int64_t)>([](std::int64_t) {})));
  EXPECT_TRUE(FlushSource([](std::int64_t) {}));
}

TEST_F(FlushSourcesTest, RunInTheOrderOfRegistration) {
  FlushSources& sources = make_sources();
  std::string order;
  sources.add("a", [&](std::int64_t) { order += 'a'; });
  sources.add("b", [&](std::int64_t) { order += 'b'; });
  sources.add("c", [&](std::int64_t) { order += 'c'; });

  EXPECT_TRUE(sources.run(in(hours(1))));
  EXPECT_TRUE(sources.run(in(hours(1))));

  EXPECT_EQ(order, "abcabc");
}

TEST_F(FlushSourcesTest, LearnHowMuchTimeTheyHave) {
  FlushSources& sources = make_sources();
  std::int64_t nanoseconds = 0;
  sources.add("a", [&](std::int64_t left) { nanoseconds = left; });

  sources.run(in(hours(1)));

  EXPECT_GT(nanoseconds, std::chrono::nanoseconds(std::chrono::minutes(59)).count());
  EXPECT_LE(nanoseconds, std::chrono::nanoseconds(hours(1)).count());
}

TEST_F(FlushSourcesTest, RunOnAThreadThatMustNotWaitForAFlush) {
  FlushSources& sources = make_sources();
  bool may = true;
  sources.add("a", [&](std::int64_t) { may = may_wait(); });

  sources.run(in(hours(1)));

  EXPECT_FALSE(may);
  EXPECT_TRUE(may_wait());
}

TEST_F(FlushSourcesTest, AreNotHarmedByOneThatThrows) {
  FlushSources& sources = make_sources();
  bool is_called = false;
  sources.add("bad", [](std::int64_t) { throw std::runtime_error("boom"); });
  sources.add("worse", [](std::int64_t) { throw 1; });
  sources.add("good", [&](std::int64_t) { is_called = true; });

  EXPECT_TRUE(sources.run(in(hours(1))));

  EXPECT_TRUE(is_called);
  EXPECT_EQ(said_, (std::vector<std::string>{
                       "flush source 'bad' threw: boom",
                       "flush source 'worse' threw: something that is no std::exception"}));
}

TEST_F(FlushSourcesTest, GoOnWithoutOneThatDoesNotReturnUntilItDoes) {
  FlushSources& sources = make_sources();
  std::promise<void> let_go;
  std::promise<void> has_returned;
  int good = 0;
  bool is_first = true;
  sources.add("stuck", [&](std::int64_t) {
    if (!is_first) return;
    is_first = false;
    let_go.get_future().wait();
    has_returned.set_value_at_thread_exit();
  });
  sources.add("good", [&](std::int64_t) { ++good; });

  while (said_.empty()) EXPECT_FALSE(sources.run(in(milliseconds(20))));  // until it is inside
  EXPECT_EQ(good, 0);
  EXPECT_FALSE(sources.run(in(hours(1))));
  EXPECT_EQ(good, 1);
  EXPECT_FALSE(sources.run(in(hours(1))));
  EXPECT_EQ(good, 2);
  let_go.set_value();
  has_returned.get_future().wait();
  EXPECT_TRUE(sources.run(in(hours(1))));

  EXPECT_EQ(good, 3);
  EXPECT_EQ(
      said_,
      (std::vector<std::string>{
          "flush source 'stuck' did not return in time; flushes go on without it until it does"}));
}

TEST_F(FlushSourcesTest, AreNotCalledOnceRemoved) {
  FlushSources& sources = make_sources();
  int calls = 0;
  const std::uint64_t id = sources.add("a", [&](std::int64_t) { ++calls; });
  sources.run(in(hours(1)));

  EXPECT_TRUE(sources.remove(id));
  EXPECT_FALSE(sources.remove(id));
  sources.run(in(hours(1)));

  EXPECT_EQ(calls, 1);
}

TEST_F(FlushSourcesTest, MayRemoveThemselvesWhileTheyRun) {
  FlushSources& sources = make_sources();
  int calls = 0;
  std::uint64_t id = 0;
  id = sources.add("a", [&](std::int64_t) {
    ++calls;
    EXPECT_TRUE(sources.remove(id));
  });

  EXPECT_TRUE(sources.run(in(hours(1))));
  EXPECT_TRUE(sources.run(in(hours(1))));

  EXPECT_EQ(calls, 1);
}

TEST_F(FlushSourcesTest, ServeManyFlushesAtOnce) {
  FlushSources& sources = make_sources();
  std::atomic<int> calls{0};
  sources.add("a", [&](std::int64_t) { ++calls; });

  std::vector<std::future<bool>> flushes;
  for (int i = 0; i < 16; ++i)
    flushes.push_back(std::async(std::launch::async, [&] { return sources.run(in(hours(1))); }));
  for (std::future<bool>& flush : flushes) EXPECT_TRUE(flush.get());

  EXPECT_GE(calls.load(), 1);
  EXPECT_LE(calls.load(), 16);
}

TEST_F(FlushSourcesTest, SayThemselvesThatTheyLeftSomethingBehind) {
  FlushSources& sources = make_sources();
  bool is_finished = false;
  sources.add("queue", [&](std::int64_t) {
    if (!is_finished) FlushSources::note_unfinished();
  });
  sources.add("another", [](std::int64_t) {});
  EXPECT_FALSE(sources.is_any_unfinished());

  EXPECT_TRUE(sources.run(in(hours(1))));
  EXPECT_TRUE(sources.is_any_unfinished());

  is_finished = true;
  EXPECT_TRUE(sources.run(in(hours(1))));
  EXPECT_FALSE(sources.is_any_unfinished());
}

TEST_F(FlushSourcesTest, AreRefusedWhenEmpty) {
  FlushSources& sources = make_sources();

  EXPECT_EQ(sources.add("empty", {}), 0u);

  EXPECT_TRUE(sources.run(in(hours(1))));
}

// Whoever waits longer still gets what the source has.
TEST_F(FlushSourcesTest, AreNotGivenUpByAFlushWithLessTime) {
  FlushSources& sources = make_sources();
  std::promise<void> is_called;
  std::promise<void> let_go;
  std::atomic<bool> has_returned{false};
  sources.add("slow", [&](std::int64_t) {
    if (has_returned) return;
    is_called.set_value();
    let_go.get_future().wait();
    has_returned = true;
  });
  std::future<bool> patient = std::async(std::launch::async, [&] {
    const bool is_done = sources.run(in(hours(1)));
    return is_done && has_returned;
  });
  is_called.get_future().wait();

  EXPECT_FALSE(sources.run(in(milliseconds(1))));
  EXPECT_EQ(patient.wait_for(milliseconds(50)), std::future_status::timeout);
  let_go.set_value();

  EXPECT_TRUE(patient.get());
  // The call that the impatient flush asked for may still be under way, with variables of ours.
  EXPECT_TRUE(sources.run(in(hours(1))));
  EXPECT_EQ(said_, std::vector<std::string>());
}

#if !LANGFUSE_TEST_HAS_TSAN  // which gives up where a forked child starts a thread
TEST_F(FlushSourcesTest, RunInAForkedChild) {
  FlushSources& sources = FlushSources::instance();
  int calls = 0;
  const std::uint64_t id = sources.add("a", [&](std::int64_t) { ++calls; });
  EXPECT_TRUE(sources.run(in(hours(1))));

  const pid_t child = fork();
  if (child == 0) {
    const bool is_done = sources.run(in(std::chrono::seconds(30)));
    _exit(is_done ? calls : 99);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(sources.run(in(hours(1))));
  EXPECT_TRUE(sources.remove(id));

  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_EQ(calls, 2);
}
#endif

}  // namespace
}  // namespace langfuse::internal
