// What a flush guarantees for lines that lie in the queue of an asynchronous logger.
#include "langfuse/sinks/spdlog_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/sinks/spdlog_sink.h"
#include "tests/sinks/fake_door.h"

namespace langfuse::testing {
namespace {

constexpr std::size_t line_count = 2000;

std::shared_ptr<spdlog::details::thread_pool> pool_of(std::size_t threads) {
  return std::make_shared<spdlog::details::thread_pool>(8192, threads);
}

std::shared_ptr<spdlog::async_logger> logger_on(
    const std::shared_ptr<spdlog::details::thread_pool>& pool, spdlog::sink_ptr sink,
    spdlog::async_overflow_policy policy = spdlog::async_overflow_policy::block) {
  return std::make_shared<spdlog::async_logger>("queued", std::move(sink), pool, policy);
}

class SpdlogFlush : public ::testing::Test {
 protected:
  SpdlogFlush() { door_.reset(); }
  ~SpdlogFlush() override { spdlog::drop("queued"); }

  FakeDoor& door_ = FakeDoor::get();
};

using internal::LoggerQueue;

using PoolShape = std::pair<std::size_t, spdlog::async_overflow_policy>;
class SpdlogFlushOf : public SpdlogFlush, public ::testing::WithParamInterface<PoolShape> {};

TEST_P(SpdlogFlushOf, DeliversEveryLineThatWasLoggedBefore) {
  for (int round = 0; round < 50; ++round) {
    door_.reset();
    const auto pool = pool_of(GetParam().first);
    const auto logger = logger_on(pool, std::make_shared<SpdlogSink>(), GetParam().second);
    spdlog::register_logger(logger);

    for (std::size_t line = 0; line < line_count; ++line) logger->info("line {}", line);
    door_.flush();

    ASSERT_EQ(door_.count(), line_count) << "in round " << round;
    spdlog::drop("queued");
  }
}

std::string name_of(const ::testing::TestParamInfo<PoolShape>& shape) {
  const bool blocks = shape.param.second == spdlog::async_overflow_policy::block;
  return std::to_string(shape.param.first) + (blocks ? "_blocking" : "_overrunning");
}

INSTANTIATE_TEST_SUITE_P(
    Pools, SpdlogFlushOf,
    ::testing::Values(PoolShape{1, spdlog::async_overflow_policy::block},
                      PoolShape{4, spdlog::async_overflow_policy::block},
                      PoolShape{1, spdlog::async_overflow_policy::overrun_oldest},
                      PoolShape{4, spdlog::async_overflow_policy::overrun_oldest}),
    name_of);

TEST_F(SpdlogFlush, DeliversEachTimeWhileTheLoggerStays) {
  const auto pool = pool_of(4);
  const auto logger = logger_on(pool, std::make_shared<SpdlogSink>());
  spdlog::register_logger(logger);

  for (std::size_t round = 1; round <= 50; ++round) {
    for (std::size_t line = 0; line < 200; ++line) logger->info("x");
    door_.flush();
    ASSERT_EQ(door_.count(), round * 200);
  }
}

// Lets threads meet, and holds those that wait.
class Gate {
 public:
  void arrive_and_wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void wait_for(int arrivals) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this, arrivals] { return arrived_ >= arrivals; });
  }
  void open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;       // guarded by mutex_
  bool is_open_ = false;  // guarded by mutex_
};

TEST_F(SpdlogFlush, WaitsForAThreadThatHoldsALineWhileOthersOvertakeIt) {
  // Before the pool, so that they outlive its threads.
  Gate meeting;
  Gate held;
  const auto pool = pool_of(4);
  const auto logger = logger_on(pool, std::make_shared<SpdlogSink>());
  spdlog::register_logger(logger);
  // Every thread of the pool delivers a line, so that all are known.
  door_.on_submit([&meeting](const LogLine&) { meeting.arrive_and_wait(); });
  for (int line = 0; line < 4; ++line) logger->info("meet");
  meeting.wait_for(4);
  meeting.open();
  door_.flush();
  door_.on_submit([&held](const LogLine& line) {
    if (line.message == "held") held.arrive_and_wait();
  });

  logger->info("held");
  held.wait_for(1);
  for (int line = 0; line < 100; ++line) logger->info("x");
  std::future<std::size_t> seen = std::async(std::launch::async, [this] {
    door_.flush();
    return door_.count();
  });
  EXPECT_EQ(seen.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  held.open();

  EXPECT_EQ(seen.get(), 105U);
}

TEST_F(SpdlogFlush, GivesUpWhenItsTimeIsOver) {
  Gate held;
  const auto pool = pool_of(1);
  const auto logger = logger_on(pool, std::make_shared<SpdlogSink>());
  spdlog::register_logger(logger);
  door_.on_submit([&held](const LogLine&) { held.arrive_and_wait(); });
  logger->info("held");
  held.wait_for(1);

  EXPECT_FALSE(door_.flush(10'000'000));
  EXPECT_FALSE(door_.flush(10'000'000));
  EXPECT_EQ(door_.count(), 0U);
  EXPECT_EQ(door_.said().size(), 1U);
  held.open();
  EXPECT_TRUE(door_.flush());

  EXPECT_EQ(door_.count(), 1U);
}

TEST_F(SpdlogFlush, FindsASinkInsideAnotherSink) {
  const auto pool = pool_of(2);
  const auto outer = std::make_shared<spdlog::sinks::dist_sink_mt>();
  outer->add_sink(std::make_shared<SpdlogSink>());
  const auto logger = logger_on(pool, outer);
  spdlog::register_logger(logger);

  for (std::size_t line = 0; line < line_count; ++line) logger->info("x");
  door_.flush();

  EXPECT_EQ(door_.count(), line_count);
}

TEST_F(SpdlogFlush, WaitsForAnUnregisteredLoggerThatIsWatched) {
  const auto pool = pool_of(1);
  const auto logger = logger_on(pool, std::make_shared<SpdlogSink>());
  SpdlogSink::watch(logger);

  for (std::size_t line = 0; line < line_count; ++line) logger->info("x");
  door_.flush();

  EXPECT_EQ(door_.count(), line_count);
}

// A sink that counts flushes, to see that ours are not the user's.
class CountingSink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg&) override { ++lines; }
  void flush() override { ++flushes; }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  std::atomic<int> lines{0};
  std::atomic<int> flushes{0};
};

TEST_F(SpdlogFlush, LeavesTheUsersSinksAlone) {
  const auto pool = pool_of(1);
  const auto counting = std::make_shared<CountingSink>();
  const auto logger = logger_on(pool, std::make_shared<SpdlogSink>());
  logger->sinks().push_back(counting);
  spdlog::register_logger(logger);

  logger->info("x");
  door_.flush();

  EXPECT_EQ(door_.count(), 1U);
  EXPECT_EQ(counting->flushes, 0);
}

TEST_F(SpdlogFlush, PutsNothingIntoQueuesThatHaveNoSinkOfOurs) {
  Gate held;
  const auto pool = pool_of(1);
  const auto sink = std::make_shared<SpdlogSink>();
  spdlog::register_logger(std::make_shared<spdlog::logger>("ours", sink));
  class HoldingSink final : public spdlog::sinks::sink {
   public:
    explicit HoldingSink(Gate& gate) : gate_(gate) {}
    void log(const spdlog::details::log_msg&) override { gate_.arrive_and_wait(); }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

   private:
    Gate& gate_;
  };
  const auto foreign = logger_on(pool, std::make_shared<HoldingSink>(held));
  spdlog::register_logger(foreign);
  foreign->info("stuck");
  held.wait_for(1);

  door_.flush();  // would take all its time if it asked the stuck one
  EXPECT_EQ(pool->queue_size(), 0U);
  held.open();
  spdlog::drop("ours");
}

TEST_F(SpdlogFlush, SendsTheMarkerAgainWhenAFullQueueDiscardsIt) {
  // Few places in the queue, and lines that keep coming: each marker may be discarded.
  const auto pool = std::make_shared<spdlog::details::thread_pool>(8, 1);
  const auto logger = logger_on(pool, std::make_shared<SpdlogSink>(),
                                spdlog::async_overflow_policy::overrun_oldest);
  spdlog::register_logger(logger);
  std::atomic<bool> is_over{false};
  std::thread writer([&] {
    while (!is_over) logger->info("noise");
  });

  door_.flush(2'000'000'000);

  is_over = true;
  writer.join();
  logger->info("last");
  door_.flush();
  EXPECT_EQ(door_.lines().back().message, "last");
}

// The queue of a logger that answers a marker as it is told: the n-th with the n-th letter, all
// later ones with the last. `r`efuses it as a full queue does that discards what is new (spdlog
// 1.13 and newer), lets it `o`verrun, says that it is `l`ost, has no `m`emory, or delivers a line,
// once, and lets it `a`rrive.
class ScriptedQueue final : public LoggerQueue {
 public:
  ScriptedQueue(const std::shared_ptr<int>& logger, std::string script, bool may_refuse)
      : LoggerQueue(logger, "scripted", may_refuse), script_(std::move(script)), asked_(logger) {}

  void send(internal::Passage marker) override {
    const std::shared_ptr<int> asked = asked_.lock();
    if (asked == nullptr) return;
    const auto at = static_cast<std::size_t>((*asked)++);
    switch (script_[std::min(at, script_.size() - 1)]) {
      case 'o':
        std::thread([held = std::move(marker)] {}).join();
        break;
      case 'l':
        internal::note_lost_queue("no pool");
        break;
      case 'm':
        throw std::bad_alloc();
      case 'a':
        std::thread([this, held = std::move(marker)]() mutable {
          LogLine line;
          line.message = "accepted";
          if (!std::exchange(is_delivered_, true)) submit(line);
          held.arrive();
        }).join();
        break;
      default:
        break;
    }
  }

 private:
  const std::string script_;
  const std::weak_ptr<int> asked_;
  bool is_delivered_ = false;
};

struct QueueCase {
  const char* name;
  std::string script;
  bool may_refuse;
  bool is_done;
  std::size_t lines;
  int asked;  // 0: any number
};

class SpdlogFlushOfA : public SpdlogFlush, public ::testing::WithParamInterface<QueueCase> {};

// A flush says that it is done when no accepted line can be left in the queue, and only then.
TEST_P(SpdlogFlushOfA, EndsAsTheQueueTellsIt) {
  const auto asked = std::make_shared<int>(0);
  internal::watch_queue(
      std::make_unique<ScriptedQueue>(asked, GetParam().script, GetParam().may_refuse));

  EXPECT_EQ(door_.flush(GetParam().is_done ? 60'000'000'000 : 50'000'000), GetParam().is_done);

  EXPECT_EQ(door_.count(), GetParam().lines);
  EXPECT_EQ(door_.said().size(), GetParam().is_done ? 0U : 1U);
  EXPECT_EQ(GetParam().asked == 0 ? 0 : *asked, GetParam().asked);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, SpdlogFlushOfA,
    ::testing::Values(QueueCase{"FullQueueIsAskedUntilItTakesAMarker", std::string(50, 'r') + 'a',
                                true, true, 1, 0},
                      QueueCase{"QueueThatStaysFullIsNotDone", "r", true, false, 0, 0},
                      QueueCase{"LoggerWithoutAQueueIsNotWaitedFor", "r", false, true, 0, 1},
                      QueueCase{"PoolThatIsGoneIsNotWaitedFor", "l", true, true, 0, 1},
                      QueueCase{"PoolThatGoesWhileItIsFullIsNotWaitedFor", "rrrrl", true, true, 0,
                                5},
                      QueueCase{"MarkerThatIsOverrunProvesAsMuch", "o", true, true, 0, 0},
                      QueueCase{"LackOfMemoryIsNoLostQueue", "mmmma", true, true, 1, 0}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(SpdlogFlush, DoesNotWaitForTheFrontOfAnAsynchronousLogger) {
  const auto pool = pool_of(1);
  const auto sink = std::make_shared<SpdlogSink>();
  const auto original = logger_on(pool, sink);
  spdlog::register_logger(original);
  const auto front = attach(original);

  front->info("x");

  EXPECT_TRUE(door_.flush(60'000'000'000));
  EXPECT_EQ(door_.count(), 1U);
}

TEST_F(SpdlogFlush, ReturnsAtOnceWhenThePoolIsGone) {
  auto pool = pool_of(1);
  const auto logger = logger_on(pool, std::make_shared<SpdlogSink>());
  spdlog::register_logger(logger);
  logger->info("x");
  pool.reset();

  EXPECT_NO_THROW(door_.flush());

  EXPECT_EQ(door_.count(), 1U);
}

TEST_F(SpdlogFlush, ReturnsAtOnceWhenASharedPoolOutlivesItsOnlyLoggerOfOurs) {
  const auto pool = pool_of(2);
  auto logger = logger_on(pool, std::make_shared<SpdlogSink>());
  spdlog::register_logger(logger);
  logger->info("x");
  door_.flush();
  spdlog::drop("queued");
  logger.reset();
  const auto other = std::make_shared<spdlog::async_logger>(
      "other", std::make_shared<SpdlogSink>(), pool_of(1), spdlog::async_overflow_policy::block);

  const auto before = std::chrono::steady_clock::now();
  door_.flush(60'000'000'000);

  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(30));
}

TEST_F(SpdlogFlush, SurvivesSpdlogsShutdown) {
  const auto previous = spdlog::default_logger();
  const auto logger = spdlog::create_async<SpdlogSink>("shut down");
  for (std::size_t line = 0; line < line_count; ++line) logger->info("x");

  spdlog::shutdown();
  door_.flush();

  EXPECT_EQ(door_.count(), line_count);
  spdlog::set_default_logger(previous);
}

}  // namespace
}  // namespace langfuse::testing
