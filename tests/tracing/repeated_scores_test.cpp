// Scores with the same id get rising times, because the server keeps the one with the latest, and
// the first of several in one millisecond.
#include "tracing/repeated_scores.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/score.h"
#include "model/clock.h"
#include "model/random_ids.h"
#include "model/utc_time.h"
#include "tests/support/fake_client.h"
#include "tests/support/sanitizers.h"

namespace langfuse::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t noon = 1'786'000'003'120 * ms;
constexpr std::int64_t far_future = 4'000'000'000'000 * ms;

TEST(RepeatedScores, RiseByAMillisecondWhereTheClockDoesNot) {
  RepeatedScores times(1, nullptr);

  EXPECT_EQ(times.next("pk", "a", 0, noon + 5).unix_nano, noon + 5);
  EXPECT_EQ(times.next("pk", "a", 0, noon + 6).unix_nano, noon + ms);
  EXPECT_EQ(times.next("pk", "a", 0, noon + ms + 7).unix_nano, noon + 2 * ms);
  EXPECT_EQ(times.next("pk", "a", 0, noon - 3600 * 1000 * ms).unix_nano, noon + 3 * ms);
  EXPECT_EQ(times.next("pk", "a", 0, noon + 4 * ms + 9).unix_nano, noon + 4 * ms + 9);
}

TEST(RepeatedScores, AreThoseOfOneIdInOneProject) {
  RepeatedScores times(1, nullptr);
  times.next("pk", "a", 0, noon);

  EXPECT_EQ(times.next("pk", "b", 0, noon).unix_nano, noon);
  EXPECT_EQ(times.next("pk2", "a", 0, noon).unix_nano, noon);
  EXPECT_EQ(times.next("pk", "a", 0, noon).unix_nano, noon + ms);
}

TEST(RepeatedScores, KnowAnIdAsItIsSent) {
  RepeatedScores times(1, nullptr);
  times.next("pk", "x\xFF", 0, noon);

  EXPECT_EQ(times.next("pk", "x\xFE", 0, noon).unix_nano, noon + ms);
}

TEST(RepeatedScores, KeepAGivenTimeAndTellOnceThatItIsNotNewer) {
  RepeatedScores times(1, nullptr);
  const auto given = [&times](std::int64_t time) { return times.next("pk", "a", time, noon); };

  EXPECT_FALSE(given(noon + 10 * ms).is_first_to_come_late);
  EXPECT_FALSE(given(noon + 11 * ms).is_first_to_come_late);
  const RepeatedScores::Time same = given(noon + 11 * ms + 999'999);
  EXPECT_EQ(same.unix_nano, noon + 11 * ms + 999'999);
  EXPECT_TRUE(same.is_first_to_come_late);
  const RepeatedScores::Time older = given(noon);
  EXPECT_EQ(older.unix_nano, noon);
  EXPECT_FALSE(older.is_first_to_come_late);
  EXPECT_EQ(times.next("pk", "a", 0, noon).unix_nano, noon + 12 * ms);
}

TEST(RepeatedScores, EndWithTheLastMillisecondThereIs) {
  RepeatedScores times(1, nullptr);
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();

  EXPECT_EQ(times.next("pk", "a", last, noon).unix_nano, last);
  EXPECT_EQ(times.next("pk", "a", 0, noon).unix_nano, last / ms * ms);
}

TEST(RepeatedScores, ForgetTheIdThatWasUsedLongestAgo) {
  RepeatedScores times(1, nullptr);
  times.next("pk", "forgotten", far_future, noon);
  times.next("pk", "kept", far_future, noon);
  for (std::size_t i = 0; i + 2 < RepeatedScores::most_ids; ++i) {
    times.next("pk", std::to_string(i), 0, noon);
  }
  EXPECT_EQ(times.next("pk", "kept", 0, noon).unix_nano, far_future + ms);

  times.next("pk", "one too many", 0, noon);

  EXPECT_EQ(times.next("pk", "kept", 0, noon).unix_nano, far_future + 2 * ms);
  EXPECT_EQ(times.next("pk", "forgotten", 0, noon).unix_nano, noon);
}

class ScoresOfOneIdTest : public FakeClientTest {
 protected:
  ScoresOfOneIdTest() {
    transport_->answer_all(FakeTransport::status(200));
    transport_->answer_all(FakeTransport::status(200), Route::scores);
  }

  static void score(const std::string& id, double value, std::int64_t time = 0) {
    Score score("quality", value);
    score.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
    score.id = id;
    score.timestamp_unix_nano = time;
    create_score(score);
  }

  // The process remembers ids for longer than a test lasts.
  const std::string one_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();

  // The events that were sent, oldest first.
  std::vector<nlohmann::json> sent() {
    EXPECT_EQ(flush().status, FlushStatus::ok);
    std::vector<nlohmann::json> events;
    for (const FakeTransport::Request& request : transport_->requests()) {
      if (request.endpoint != Endpoint::ingestion) continue;
      const auto body = nlohmann::json::parse(request.body);
      for (const nlohmann::json& event : body.at("batch")) events.push_back(event);
    }
    return events;
  }
  static std::vector<std::string> times_of(const std::vector<nlohmann::json>& events) {
    std::vector<std::string> times;
    for (const nlohmann::json& event : events) times.push_back(event.at("timestamp"));
    return times;
  }
};

TEST_F(ScoresOfOneIdTest, RiseInTheOrderInWhichTheyWereMade) {
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) score(one_, i);
  {
    auto step = observe("step");
    ScoreDetails details;
    details.id = one_;
    step.score("quality", count, details);
    step.score_trace("quality", count + 1, details);
    score_current_span("quality", count + 2, details);
    score_current_trace("quality", count + 3, details);
  }

  std::vector<nlohmann::json> events = sent();

  ASSERT_EQ(events.size(), count + 4u);
  std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
    return a.at("timestamp").template get<std::string>() <
           b.at("timestamp").template get<std::string>();
  });
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].at("body").at("value"), i);
    if (i == 0) continue;
    EXPECT_NE(events[i].at("timestamp"), events[i - 1].at("timestamp"));
  }
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(ScoresOfOneIdTest, AreNeverMadeAtOneTimeByAnyThreads) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 100; ++j) score(one_, j);
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<std::string> times = times_of(sent());

  ASSERT_EQ(times.size(), 400u);
  std::sort(times.begin(), times.end());
  EXPECT_EQ(std::adjacent_find(times.begin(), times.end()), times.end());
}

TEST_F(ScoresOfOneIdTest, DelayNoOthers) {
  const std::string before(utc_time_text(wall_now_ns()));
  for (int i = 0; i < 500; ++i) score(one_ + std::to_string(i), 1);
  for (int i = 0; i < 500; ++i) score("", 1);
  const std::string after(utc_time_text(wall_now_ns()));

  for (const std::string& time : times_of(sent())) {
    EXPECT_GE(time, before);
    EXPECT_LE(time, after);
  }
}

TEST_F(ScoresOfOneIdTest, KeepTheTimeOfTheUserAndSayOnceThatTheOlderScoreStays) {
  score(one_, 1, noon);
  score(one_, 2, noon + ms);
  score(one_, 3, noon);
  score(one_, 4, noon);
  score(one_ + " other", 5, noon);
  score(one_ + " other", 6, noon + 1);

  EXPECT_THAT(times_of(sent()),
              ElementsAre("2026-08-06T07:06:43.120Z", "2026-08-06T07:06:43.121Z",
                          "2026-08-06T07:06:43.120Z", "2026-08-06T07:06:43.120Z",
                          "2026-08-06T07:06:43.120Z", "2026-08-06T07:06:43.120Z"));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("'quality' has a time that is not after that of the "
                                           "last score with its id '" +
                                           one_ + "': the server keeps the older score"),
                                 HasSubstr("its id '" + one_ + " other'")));
}

TEST_F(ScoresOfOneIdTest, ComeAfterATimeInTheFuture) {
  score(one_, 1, far_future);
  score(one_, 2);

  EXPECT_THAT(times_of(sent()), ElementsAre(std::string(utc_time_text(far_future)),
                                            std::string(utc_time_text(far_future + ms))));
}

TEST_F(ScoresOfOneIdTest, AreNotComparedWithWhatWasNeverSent) {
  Score refused("", 1);
  refused.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  refused.id = one_;
  refused.timestamp_unix_nano = far_future;
  create_score(refused);
  said_.clear();

  score(one_, 1, noon);

  EXPECT_THAT(times_of(sent()), ElementsAre("2026-08-06T07:06:43.120Z"));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(ScoresOfOneIdTest, AreKnownToTheNextClientToo) {
  score(one_, 1, far_future);
  shutdown();
  start();
  transport_->answer_all(FakeTransport::status(200));
  transport_->answer_all(FakeTransport::status(200), Route::scores);

  score(one_, 2);

  EXPECT_THAT(times_of(sent()), ElementsAre(std::string(utc_time_text(far_future + ms))));
}

// ThreadSanitizer gives up where a forked child starts a thread, and AddressSanitizer's own locks
// stay taken in the child of a busy process.
#if !LANGFUSE_TEST_HAS_TSAN && !LANGFUSE_TEST_HAS_ASAN
// A thread that the child does not have may have been about to score; the child knows the times of
// its parent all the same, unless such a thread was at it.
TEST_F(ScoresOfOneIdTest, AreMadeInAForkedChildWhateverThreadsOfItsParentDo) {
  constexpr unsigned longest_seconds = 60;
  std::atomic<bool> is_over{false};
  std::vector<std::thread> busy;
  for (int t = 0; t < 3; ++t) {
    busy.emplace_back([&] {
      while (!is_over) RepeatedScores::of(*Client::current())->next("pk", "busy", 0, noon);
    });
  }
  for (int i = 0; i < 10; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(longest_seconds);
      Client::forget();
      start();
      transport_->answer_all(FakeTransport::status(200));
      transport_->answer_all(FakeTransport::status(200), Route::scores);
      score(one_, 1, noon);
      score(one_, 2);
      _exit(times_of(sent()).size() == 2 ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  is_over = true;
  for (std::thread& thread : busy) thread.join();
}
#endif

}  // namespace
}  // namespace langfuse::internal
