#include "exporter/patience.h"

#include <gmock/gmock.h>

#include <chrono>
#include <vector>

#include "tests/exporter/exporter_fixture.h"

namespace langfuse::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class PatienceTest : public ExporterTest {
 protected:
  PatienceTest() {
    exporter_.set_waited_until(SteadyTime::min());
    reached_ = false;
  }
  ~PatienceTest() override { reached_ = had_reached_; }

  // Of somebody who comes now.
  Patience patience(nanoseconds until, nanoseconds without_server) const {
    Patience patience;
    patience.began = transport_.now();
    patience.until = transport_.now() + until;
    patience.until_without_server = transport_.now() + without_server;
    return patience;
  }
  Patience last(nanoseconds until, Trouble failed_before) const {
    Patience last = patience(until, until);
    last.is_last = true;
    last.failed_before = {failed_before, Trouble::none};
    last.answers_before = exporter_.answers();
    return last;
  }
  bool is_in_vain(const Patience& patience) const { return exporter_.is_in_vain(1, patience); }

  std::atomic<bool>& reached_ = process_has_reached_a_server();
  const bool had_reached_ = reached_;
};

TEST_F(PatienceTest, RefusedKeysAreInVainUnlessTheNextTryIsInTime) {
  add({"a"});
  poll();
  EXPECT_FALSE(is_in_vain(patience(seconds(10), seconds(10))));  // the answer may be any

  answer(401);

  EXPECT_TRUE(is_in_vain(patience(seconds(10), seconds(2))));
  EXPECT_TRUE(is_in_vain(patience(seconds(329), seconds(329))));
  EXPECT_FALSE(is_in_vain(patience(seconds(330), seconds(330))));
}

TEST_F(PatienceTest, AHoldAndATimeOfTheServerAreInVainBeyondTheDeadline) {
  struct Case {
    HttpReply reply;
    seconds wait;
  };
  for (const Case& test : {Case{FakeTransport::status(403), seconds(60)},
                           Case{FakeTransport::status(404), seconds(60)},
                           Case{FakeTransport::status(307), seconds(60)},
                           Case{FakeTransport::retry_after(429, 300), seconds(300)},
                           Case{FakeTransport::retry_after(503, 300), seconds(300)}}) {
    add({"a"});
    poll();
    answer(test.reply);

    EXPECT_TRUE(is_in_vain(patience(test.wait - milliseconds(1), seconds(2)))) << test.reply.status;
    EXPECT_FALSE(is_in_vain(patience(test.wait, test.wait))) << test.reply.status;
    pass_until_due();
    EXPECT_FALSE(is_in_vain(patience(milliseconds(1), milliseconds(1)))) << "in flight";
    answer(200);
  }
}

TEST_F(PatienceTest, OneRouteThatMayStillDeliverIsReasonEnough) {
  add({"a"});
  add({"{}"}, 1, Route::scores);
  poll();
  answer(401);

  EXPECT_FALSE(is_in_vain(patience(seconds(10), seconds(10))));
  answer(403, Route::scores);
  EXPECT_TRUE(is_in_vain(patience(seconds(10), seconds(10))));
}

TEST_F(PatienceTest, NobodyIsWaitedForAsLongAsACallerWithoutATimeOfItsOwnWould) {
  add({"a"});
  poll();
  answer(FakeTransport::refused());
  const Patience by_default = patience(seconds(10), seconds(2));
  const Patience own = patience(seconds(10), seconds(10));

  pass(milliseconds(1999));
  EXPECT_FALSE(is_in_vain(by_default));
  pass(milliseconds(1));

  EXPECT_TRUE(is_in_vain(by_default));
  EXPECT_FALSE(is_in_vain(own));
  EXPECT_EQ(exporter_.unsettled(1), 1U);
}

TEST_F(PatienceTest, AServerThatWasOnceReachedIsWaitedFor) {
  add({"a"});
  add({"b"});
  poll();
  answer(500);  // any answer will do
  pass_until_due();
  answer(FakeTransport::refused());
  const Patience by_default = patience(seconds(10), seconds(2));

  pass(seconds(9));

  EXPECT_FALSE(is_in_vain(by_default));
}

TEST_F(PatienceTest, ANameThatIsStillAskedForCountsAsUnknown) {
  transport_.look_up(true);
  add({"a"});
  poll();
  const Patience by_default = patience(seconds(10), seconds(2));
  EXPECT_FALSE(is_in_vain(by_default));
  EXPECT_EQ(exporter_.troubles_of(1)[0], Trouble::nobody);

  pass(seconds(2));

  EXPECT_TRUE(is_in_vain(by_default));
  transport_.look_up(false);  // a server that is slow to answer is another matter
  EXPECT_FALSE(is_in_vain(by_default));
}

TEST_F(PatienceTest, AtTheEndOneMoreTryIsWaitedForAndNothingElse) {
  struct Case {
    HttpReply reply;
    Trouble trouble;
  };
  for (const Case& test : {Case{FakeTransport::refused(), Trouble::nobody},
                           Case{FakeTransport::failure("timed out"), Trouble::silent},
                           Case{FakeTransport::status(500), Trouble::unready},
                           Case{FakeTransport::status(403), Trouble::refused}}) {
    add({"a"});
    poll();
    answer(test.reply);
    EXPECT_EQ(exporter_.troubles_of(1)[0], test.trouble);
    const Patience other = last(seconds(100), Trouble::none);
    const Patience same = last(seconds(100), test.trouble);
    exporter_.probe();
    pass(milliseconds(1));
    ASSERT_TRUE(transport_.is_in_flight(Route::spans));

    EXPECT_FALSE(is_in_vain(same)) << test.reply.status;
    answer(test.reply);

    EXPECT_TRUE(is_in_vain(same)) << test.reply.status;
    EXPECT_FALSE(is_in_vain(other)) << test.reply.status;
    pass_until_due();
    answer(200);
  }
}

TEST_F(PatienceTest, AtTheEndTheAnswerToThatTryIsNotWaitedForLong) {
  add({"a"});
  poll();
  answer(FakeTransport::failure("timed out"));
  const Patience same = last(seconds(100), Trouble::silent);
  exporter_.probe();

  pass(milliseconds(249));
  EXPECT_FALSE(is_in_vain(same));
  pass(milliseconds(1));

  EXPECT_TRUE(is_in_vain(same));
}

TEST_F(PatienceTest, WhoWaitsIsTriedForInTimeWhateverTheBackOff) {
  add({"a"});
  poll();
  for (int i = 0; i < 20; ++i) {  // up to 30 s
    answer(503);
    pass_until_due();
  }
  answer(503);
  ASSERT_GT(time_to_next(), seconds(14));

  exporter_.set_waited_until(transport_.now() + seconds(10));
  EXPECT_EQ(time_to_next(), milliseconds(9500));
  pass_until_due();
  answer(503);  // that was it

  EXPECT_GT(time_to_next(), seconds(14));
}

TEST_F(PatienceTest, WhoWaitsForAServerThatIsNotThereMissesItsStartByASecondAtMost) {
  add({"a"});
  poll();
  for (int i = 0; i < 20; ++i) {
    answer(FakeTransport::refused());
    pass_until_due();
  }
  exporter_.set_waited_until(transport_.now() + hours(1));
  for (int i = 0; i < 50; ++i) {
    answer(FakeTransport::refused());

    ASSERT_LE(time_to_next(), seconds(1));
    pass_until_due();
  }
}

TEST_F(PatienceTest, ATimeOfTheServerIsNotShortenedForWhoWaits) {
  add({"a"});
  poll();
  answer(FakeTransport::retry_after(429, 300));

  exporter_.set_waited_until(transport_.now() + seconds(10));

  EXPECT_EQ(time_to_next(), seconds(300));
}

TEST_F(PatienceTest, IsReviewedWhenTimeAloneMayChangeIt) {
  const SteadyTime now = transport_.now();
  const Patience by_default = patience(seconds(10), seconds(2));

  EXPECT_EQ(next_review(by_default, now), now + seconds(2));
  EXPECT_EQ(next_review(by_default, now + seconds(2)), SteadyTime::max());
  EXPECT_EQ(next_review(last(seconds(2), Trouble::nobody), now), now + milliseconds(250));
}

}  // namespace
}  // namespace langfuse::internal
