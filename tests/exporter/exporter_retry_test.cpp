// What follows from an answer that is no delivery: back-off, holds, and what is said of it.
#include <gmock/gmock.h>

#include <chrono>
#include <utility>
#include <vector>

#include "tests/exporter/exporter_fixture.h"

namespace langfuse::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(ExporterTest, EveryStatusSettlesAsItsVerdictSays) {
  for (int status = 200; status < 600; ++status) {
    FakeTransport transport;
    Exporter exporter(options(), transport, transport);
    Batch batch;
    batch.records.push_back(make_record("x"));
    std::vector<Settlement> settled;
    exporter.add(std::move(batch));
    exporter.poll(settled);
    transport.answer(FakeTransport::status(status));

    exporter.poll(settled);

    const Verdict verdict = classify(FakeTransport::status(status));
    const bool is_kept =
        verdict == Verdict::retry || verdict == Verdict::throttle || verdict == Verdict::hold;
    EXPECT_EQ(exporter.unsettled(0), is_kept ? 1U : 0U) << status;
    ASSERT_EQ(settled.size(), is_kept ? 0U : 1U) << status;
    if (is_kept) continue;
    EXPECT_EQ(settled[0].is_delivered, verdict == Verdict::delivered) << status;
    if (verdict == Verdict::split) {
      EXPECT_EQ(settled[0].reason, DropReason::too_large);
    } else if (verdict == Verdict::drop) {
      EXPECT_EQ(settled[0].reason, DropReason::rejected);
    }
  }
}

TEST_F(ExporterTest, AfterAFailureTheSameBatchGoesFirstAndUnchanged) {
  add({"a", "b"});
  add({"c"});
  poll();

  answer(FakeTransport::failure("connection refused"));
  pass_until_due();
  answer(503);
  pass_until_due();
  answer(200);
  answer(200);

  ASSERT_EQ(transport_.request_count(), 4U);
  EXPECT_EQ(transport_.requests()[0].body, transport_.requests()[1].body);
  EXPECT_EQ(transport_.requests()[0].body, transport_.requests()[2].body);
  EXPECT_EQ(sent(3), "c");
  EXPECT_EQ(delivered(), 3U);
  EXPECT_EQ(exporter_.answers()[0], 4U);
}

TEST_F(ExporterTest, NothingIsSentBeforeTheBackOffIsOver) {
  add({"a"});
  poll();
  answer(503);
  ASSERT_EQ(time_to_next(), seconds(1));  // a first throttle is its least

  pass(milliseconds(999));
  EXPECT_EQ(transport_.request_count(), 1U);
  pass(milliseconds(1));
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(ExporterTest, BackOffGrowsUntilThreeSuccessesInARow) {
  const auto longest_wait_after_failure = [this] {
    // Throttling waits at least half of its ceiling, so one wait tells the ceiling.
    answer(429);
    return time_to_next();
  };
  add({"a"});
  poll();
  for (int i = 0; i < 5; ++i) {
    longest_wait_after_failure();
    pass_until_due();
  }
  EXPECT_GE(longest_wait_after_failure(), seconds(8));

  for (int i = 0; i < 2; ++i) {
    pass_until_due();
    answer(200);
    add({"b"});
  }
  poll();
  EXPECT_GE(longest_wait_after_failure(), seconds(15));
  for (int i = 0; i < 3; ++i) {
    pass_until_due();
    answer(200);
    add({"c"});
  }
  poll();
  EXPECT_EQ(longest_wait_after_failure(), seconds(1));
}

TEST_F(ExporterTest, TheServersWaitIsKeptEvenWhenSomeoneWaits) {
  add({"a"});
  poll();
  answer(FakeTransport::retry_after(429, 7));

  exporter_.probe();
  pass(milliseconds(6999));
  EXPECT_EQ(transport_.request_count(), 1U);
  pass(milliseconds(1401));  // a fifth of jitter
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(ExporterTest, AnAbsurdWaitOfTheServerIsCutToFiveMinutes) {
  add({"a"});
  poll();

  answer(FakeTransport::retry_after(503, 999'999'999));

  EXPECT_EQ(time_to_next(), seconds(300));
}

TEST_F(ExporterTest, RefusedKeysHoldTheRecordsAndAreNotProbed) {
  add({"a"});
  poll();
  for (const int wait : {330, 660, 1320, 2640, 3600, 3600}) {
    answer(401);
    EXPECT_EQ(time_to_next(), seconds(wait));
    exporter_.probe();
    pass(seconds(wait) - milliseconds(1));
    EXPECT_FALSE(transport_.is_in_flight(Route::spans));
    pass(milliseconds(1));
    EXPECT_TRUE(transport_.is_in_flight(Route::spans));
  }

  answer(200);
  EXPECT_EQ(delivered(), 1U);
  add({"b"});
  poll();
  answer(401);
  EXPECT_EQ(time_to_next(), seconds(330));
}

TEST_F(ExporterTest, OtherHoldsWaitAMinute) {
  add({"a"});
  poll();
  HttpReply web_page = FakeTransport::status(200, "<html>");
  web_page.content_type = "text/html";
  for (const HttpReply& reply :
       {FakeTransport::status(403), FakeTransport::status(404), FakeTransport::status(405),
        FakeTransport::status(308), web_page}) {
    answer(reply);

    EXPECT_EQ(time_to_next(), seconds(60)) << reply.status;
    pass_until_due();
  }
  EXPECT_EQ(exporter_.unsettled(1), 1U);
}

TEST_F(ExporterTest, ProbeTriesAtOnceAndOnce) {
  add({"a"});
  poll();
  answer(404);
  poll();
  ASSERT_EQ(transport_.request_count(), 1U);

  exporter_.probe();
  EXPECT_LE(exporter_.due(), transport_.now());
  poll();
  EXPECT_EQ(transport_.request_count(), 2U);
  answer(404);
  poll();

  EXPECT_EQ(transport_.request_count(), 2U);
  EXPECT_EQ(time_to_next(), seconds(60));
}

TEST_F(ExporterTest, TroubleIsSaidOnceUntilItWorksAgain) {
  add({"a", "b"});
  add({"c"});
  poll();
  for (const char* const why : {"connection refused", "connection refused", "timed out"}) {
    answer(FakeTransport::failure(why));
    pass_until_due();
  }
  EXPECT_THAT(said_, ElementsAre("cannot reach https://traces.test/v1: connection refused; 3 "
                                 "records wait"));

  answer(200);
  answer(FakeTransport::failure("timed out"));

  EXPECT_THAT(said_, ElementsAre(HasSubstr("connection refused"),
                                 "cannot reach https://traces.test/v1: timed out; 1 record waits"));
}

TEST_F(ExporterTest, EachKindOfHoldIsSaidOnceWithWhatToDo) {
  HttpReply redirect = FakeTransport::status(301);
  redirect.location = "https://elsewhere.test";
  HttpReply web_page = FakeTransport::status(200, "<html>");
  web_page.content_type = "text/html";
  add({"a"});
  poll();
  for (int round = 0; round < 2; ++round) {
    for (const HttpReply& reply :
         {FakeTransport::status(401), FakeTransport::status(403, "Ingestion suspended"),
          FakeTransport::status(404), redirect, web_page}) {
      answer(reply);
      pass_until_due();
    }
  }

  ASSERT_EQ(said_.size(), 5U);
  EXPECT_THAT(said_[0], HasSubstr("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"));
  EXPECT_THAT(said_[0], HasSubstr("https://hipaa.cloud.langfuse.com"));
  EXPECT_THAT(said_[0], HasSubstr("1 record waits, next try in 330 s"));
  EXPECT_THAT(said_[1], HasSubstr("Ingestion suspended"));
  EXPECT_THAT(said_[2], HasSubstr("(status 404) is not where Langfuse takes records: check "
                                  "LANGFUSE_BASE_URL"));
  EXPECT_THAT(said_[3], HasSubstr("redirects to https://elsewhere.test, which is never followed"));
  EXPECT_THAT(said_[4], HasSubstr("web page"));
}

}  // namespace
}  // namespace langfuse::internal
