// What is particular to scores on their way: each has its own answer, and the route has two
// addresses.
#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/exporter/exporter_fixture.h"
#include "tests/support/score_events.h"

namespace langfuse::internal {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

HttpReply json_reply(int status, std::string body) {
  return FakeTransport::status(status, std::move(body));
}

// What a server says that has no such address.
HttpReply not_found(int status = 404) {
  HttpReply reply = FakeTransport::status(status, "<h1>404</h1>");
  reply.content_type = "text/html; charset=utf-8";
  return reply;
}

const char* const langfuse_health = R"({"status":"OK","version":"4.60.0"})";

class ScoreRouteTest : public ExporterTest {
 protected:
  // One batch with the scores `first` to `last`, whose bodies are `{"n":<number>}`.
  void add(int first, int last) {
    Batch batch;
    batch.route = Route::scores;
    batch.epoch = 1;
    for (int i = first; i <= last; ++i) {
      batch.records.push_back(make_score(i, "{\"n\":" + std::to_string(i) + "}"));
      ++added_;
    }
    exporter_.add(std::move(batch));
    poll();
  }
  void answer(HttpReply reply) {
    ASSERT_TRUE(transport_.is_in_flight(Route::scores));
    ExporterTest::answer(std::move(reply), Route::scores);
  }
  // Both addresses as of a Langfuse server that has given up the batches.
  void switch_to_single_scores() {
    answer(not_found());
    answer(json_reply(200, langfuse_health));
  }

  std::string last_body() const { return transport_.requests().back().body; }
  // Where requests went, oldest first.
  std::vector<Endpoint> endpoints() const {
    std::vector<Endpoint> endpoints;
    for (const FakeTransport::Request& request : transport_.requests()) {
      endpoints.push_back(request.endpoint);
    }
    return endpoints;
  }
};

TEST_F(ScoreRouteTest, EachScoreIsSettledByItsOwnAnswer) {
  const std::size_t footprint = make_score(0, "{\"n\":0}")->footprint();
  add(0, 2);

  answer(json_reply(207, R"({"successes":[{"id":")" + event_id(0) + R"(","status":201},{"id":")" +
                             event_id(2) + R"(","status":201}],"errors":[{"id":")" + event_id(1) +
                             R"(","status":400,"message":"Invalid request data",)"
                             R"("error":"value: expected a number"}]})"));

  EXPECT_EQ(delivered(), 2u);
  EXPECT_EQ(dropped(DropReason::rejected), 1u);
  EXPECT_EQ(exporter_.unsettled(1), 0u);
  ASSERT_EQ(settled_.size(), 2u);
  EXPECT_EQ(settled_[0].epoch, 1u);
  EXPECT_EQ(settled_[0].route, Route::scores);
  EXPECT_EQ(settled_[0].footprint + settled_[1].footprint, 3 * footprint);
  EXPECT_THAT(said_, ElementsAre("https://scores.test/api/public/ingestion refused 1 record for "
                                 "good (status 400): Invalid request data: value: expected a "
                                 "number"));
}

TEST_F(ScoreRouteTest, ManyRefusalsOfOneAnswerAreSaidOnce) {
  add(0, 1);

  answer(json_reply(207, R"({"successes":[],"errors":[{"id":")" + event_id(0) +
                             R"(","status":400,"message":"no"},{"id":")" + event_id(1) +
                             R"(","status":400,"message":"neither"}]})"));

  EXPECT_EQ(dropped(DropReason::rejected), 2u);
  EXPECT_THAT(said_, ElementsAre("https://scores.test/api/public/ingestion refused 2 records for "
                                 "good (status 400): no"));
}

TEST_F(ScoreRouteTest, WhatMayStillBeTakenIsSentAgainByItselfAfterABackOff) {
  add(0, 2);
  add(3, 3);

  answer(json_reply(207, R"({"successes":[{"id":")" + event_id(1) + R"(","status":201}],)" +
                             R"("errors":[{"id":")" + event_id(0) + R"(","status":429},{"id":")" +
                             event_id(2) + R"(","status":500}]})"));

  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(exporter_.unsettled(1), 3u);
  EXPECT_FALSE(transport_.is_in_flight(Route::scores));
  EXPECT_EQ(exporter_.due() - transport_.now(), seconds(1));  // a first throttle is its least
  pass_until_due();
  EXPECT_THAT(last_body(), HasSubstr(event_id(0)));
  EXPECT_THAT(last_body(), Not(HasSubstr(event_id(1))));
  EXPECT_THAT(last_body(), HasSubstr(event_id(2)));
  answer(json_reply(207, R"({"successes":[{"id":")" + event_id(0) + R"(","status":201},{"id":")" +
                             event_id(2) + R"(","status":201}]})"));
  EXPECT_THAT(last_body(), HasSubstr(event_id(3)));
  EXPECT_EQ(delivered(), 3u);
}

TEST_F(ScoreRouteTest, AnAnswerThatCannotBeReadIsAskedForOnceMore) {
  add(0, 1);
  const std::string first_body = last_body();

  answer(json_reply(207, R"({"successes":[{"id":")"));
  EXPECT_EQ(exporter_.unsettled(1), 2u);
  pass_until_due();
  EXPECT_EQ(last_body(), first_body);
  answer(json_reply(207, R"({"successes":[{"id":")" + event_id(0) + R"(","status":201}]})"));

  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(dropped(DropReason::rejected), 1u);
  EXPECT_THAT(said_,
              ElementsAre("https://scores.test/api/public/ingestion does not say what became of "
                          "each record (status 207); 2 records wait",
                          "https://scores.test/api/public/ingestion refused 1 record for good "
                          "(status 207): two answers did not say what became of it"));
}

TEST_F(ScoreRouteTest, AWebPageIsNoAnswerToABatch) {
  add(0, 0);
  HttpReply web_page = FakeTransport::status(207, "<html>");
  web_page.content_type = "text/html";

  answer(web_page);

  EXPECT_EQ(exporter_.unsettled(1), 1u);
  EXPECT_EQ(exporter_.due() - transport_.now(), seconds(60));
}

TEST_F(ScoreRouteTest, AServerWithoutBatchesThatIsLangfuseGetsOneScoreARequest) {
  for (const int status : {404, 410}) {
    FakeTransport transport;
    Exporter exporter(options(), transport, transport);
    std::vector<Settlement> settled;
    Batch batch;
    batch.route = Route::scores;
    batch.records.push_back(make_score(0, "{\"n\":0}"));
    batch.records.push_back(make_score(1, "{\"n\":1}"));
    exporter.add(std::move(batch));
    transport.answer(not_found(status), Route::scores);
    transport.answer(json_reply(200, langfuse_health), Route::scores);
    transport.answer(json_reply(200, R"({"id":"0"})"), Route::scores);
    transport.answer(json_reply(200, R"({"id":"1"})"), Route::scores);

    for (int i = 0; i < 5; ++i) exporter.poll(settled);

    const std::vector<FakeTransport::Request> requests = transport.requests();
    ASSERT_EQ(requests.size(), 4u) << status;
    EXPECT_EQ(requests[0].endpoint, Endpoint::ingestion);
    EXPECT_EQ(requests[1].endpoint, Endpoint::health);
    EXPECT_EQ(requests[1].body, "");
    EXPECT_EQ(requests[2].endpoint, Endpoint::scores);
    EXPECT_EQ(requests[2].body, "{\"n\":0}");
    EXPECT_EQ(requests[3].endpoint, Endpoint::scores);
    EXPECT_EQ(requests[3].body, "{\"n\":1}");
    EXPECT_EQ(exporter.unsettled(1), 0u);
    ASSERT_EQ(settled.size(), 2u);
    EXPECT_TRUE(settled[0].is_delivered && settled[1].is_delivered);
  }
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(ScoreRouteTest, ASingleScoreThatIsRefusedIsAloneInThat) {
  add(0, 3);
  switch_to_single_scores();

  answer(json_reply(200, R"({"id":"0"})"));
  answer(json_reply(400, R"({"message":"Invalid request data"})"));
  // A score configuration that does not exist, in the words of the server.
  answer(json_reply(404, R"({"message":"no such config","error":"LangfuseNotFoundError"})"));
  answer(json_reply(200, R"({"id":"3"})"));

  EXPECT_EQ(delivered(), 2u);
  EXPECT_EQ(dropped(DropReason::rejected), 2u);
  ASSERT_EQ(said_.size(), 2u);
  EXPECT_THAT(said_[0], HasSubstr("https://scores.test/api/public/scores refused 1 record for "
                                  "good (status 400)"));
  EXPECT_THAT(said_[1], HasSubstr("no such config"));
}

TEST_F(ScoreRouteTest, ASingleScoreIsTriedAgainAsLongAsThereIsHope) {
  add(0, 1);
  switch_to_single_scores();

  answer(FakeTransport::failure("connection refused"));
  pass_until_due();
  answer(json_reply(429, "{}"));
  pass_until_due();
  answer(json_reply(200, "{}"));
  answer(json_reply(200, "{}"));

  EXPECT_EQ(delivered(), 2u);
  EXPECT_THAT(endpoints(), ElementsAre(Endpoint::ingestion, Endpoint::health, Endpoint::scores,
                                       Endpoint::scores, Endpoint::scores, Endpoint::scores));
}

TEST_F(ScoreRouteTest, LangfuseWithNeitherAddressHoldsTheScoresAndIsAskedAnew) {
  add(0, 0);
  switch_to_single_scores();

  answer(not_found());

  EXPECT_EQ(exporter_.unsettled(1), 1u);
  EXPECT_EQ(exporter_.due() - transport_.now(), seconds(60));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("https://scores.test/api/public/scores (status 404) is "
                                           "not where Langfuse takes records")));
  pass_until_due();
  EXPECT_EQ(endpoints().back(), Endpoint::ingestion);
}

TEST_F(ScoreRouteTest, AServerThatIsNotLangfuseSwitchesTheRouteOff) {
  add(0, 1);
  add(2, 2);

  answer(not_found());
  answer(not_found());

  EXPECT_EQ(dropped(DropReason::no_route), 3u);
  EXPECT_THAT(said_, ElementsAre("https://scores.test takes no scores and is not Langfuse: scores "
                                 "are switched off, and 3 records are lost; set "
                                 "LANGFUSE_CPP_SCORES_URL to the Langfuse server"));
  add(3, 3);
  EXPECT_EQ(dropped(DropReason::no_route), 4u);
  EXPECT_EQ(transport_.request_count(), 2u);
  EXPECT_EQ(exporter_.due(), SteadyTime::max());
  EXPECT_EQ(said_.size(), 1u);
}

TEST_F(ScoreRouteTest, EveryHealthThatIsAnAnswerAndNotLangfusesSwitchesOff) {
  HttpReply web_page = FakeTransport::status(200, "<html>");
  web_page.content_type = "text/html";
  for (const HttpReply& health :
       {web_page, json_reply(200, "{}"), json_reply(200, "{\"status\":\"Server available\"}"),
        json_reply(400, ""), json_reply(401, ""), json_reply(405, ""), json_reply(301, "")}) {
    FakeTransport transport;
    Exporter exporter(options(), transport, transport);
    std::vector<Settlement> settled;
    Batch batch;
    batch.route = Route::scores;
    batch.records.push_back(make_score(0));
    exporter.add(std::move(batch));
    transport.answer(not_found(), Route::scores);
    transport.answer(health, Route::scores);

    for (int i = 0; i < 3; ++i) exporter.poll(settled);

    ASSERT_EQ(settled.size(), 1u) << health.status << health.body;
    EXPECT_EQ(settled[0].reason, DropReason::no_route) << health.status << health.body;
  }
}

TEST_F(ScoreRouteTest, AHealthThatDoesNotAnswerDecidesNothing) {
  add(0, 0);
  answer(not_found());
  for (const HttpReply& trouble : {FakeTransport::failure("timed out"),
                                   json_reply(503, langfuse_health), json_reply(500, "")}) {
    answer(trouble);
    EXPECT_EQ(exporter_.unsettled(1), 1u);
    pass_until_due();
    EXPECT_EQ(endpoints().back(), Endpoint::health);
  }

  answer(json_reply(200, langfuse_health));
  answer(json_reply(200, "{}"));

  EXPECT_EQ(delivered(), 1u);
}

TEST_F(ScoreRouteTest, SpansFlowWhileTheRouteOfScoresIsSwitchedOff) {
  add(0, 0);
  answer(not_found());
  answer(not_found());
  Batch spans;
  spans.records.push_back(make_record("span"));
  ++added_;
  exporter_.add(std::move(spans));
  poll();

  transport_.answer(json_reply(200, "{}"));
  poll();

  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(endpoints().back(), Endpoint::traces);
}

}  // namespace
}  // namespace langfuse::internal
