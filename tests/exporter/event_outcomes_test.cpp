#include "exporter/event_outcomes.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/score_events.h"

namespace langfuse::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ids(const RecordRuns& records) {
  std::vector<std::string> ids;
  records.for_each([&](const Record& record) { ids.emplace_back(event_id_of(record.bytes())); });
  return ids;
}

Batch batch_of(int count, bool is_in_doubt = false) {
  Batch batch;
  batch.route = Route::scores;
  batch.epoch = 7;
  batch.is_in_doubt = is_in_doubt;
  for (int i = 0; i < count; ++i) batch.records.push_back(make_score(i));
  return batch;
}

TEST(EventOutcomes, SortsByTheStatusOfEachEvent) {
  const EventOutcomes outcomes = sort_events(batch_of(5), {{event_id(0), {201, ""}},
                                                           {event_id(1), {400, "first"}},
                                                           {event_id(2), {500, "later"}},
                                                           {event_id(3), {404, "second"}},
                                                           {event_id(4), {200, ""}}});

  EXPECT_THAT(ids(outcomes.accepted), ElementsAre(event_id(0), event_id(4)));
  EXPECT_THAT(ids(outcomes.refused), ElementsAre(event_id(1), event_id(3)));
  EXPECT_EQ(outcomes.first_refusal.status, 400);
  EXPECT_EQ(outcomes.first_refusal.words, "first");
  EXPECT_THAT(ids(outcomes.rest.records), ElementsAre(event_id(2)));
  EXPECT_EQ(outcomes.verdict, Verdict::retry);
  EXPECT_EQ(outcomes.status, 500);
}

TEST(EventOutcomes, WhatIsLeftIsStillTheSameBatch) {
  const EventOutcomes outcomes =
      sort_events(batch_of(2), {{event_id(0), {201, ""}}, {event_id(1), {503, ""}}});

  EXPECT_EQ(outcomes.rest.route, Route::scores);
  EXPECT_EQ(outcomes.rest.epoch, 7u);
  EXPECT_EQ(outcomes.rest.records.bytes(), make_score(1)->size);
  EXPECT_FALSE(outcomes.rest.is_in_doubt);
}

TEST(EventOutcomes, EveryStatusIsAcceptedRefusedOrTriedAgain) {
  for (int status = 100; status < 600; ++status) {
    const EventOutcomes outcomes = sort_events(batch_of(1), {{event_id(0), {status, ""}}});

    const bool is_accepted = status >= 200 && status < 300;
    const bool is_refused =
        status >= 300 && status < 500 && status != 408 && status != 425 && status != 429;
    EXPECT_EQ(outcomes.accepted.size(), is_accepted ? 1u : 0u) << status;
    EXPECT_EQ(outcomes.refused.size(), is_refused ? 1u : 0u) << status;
    EXPECT_EQ(outcomes.rest.records.size(), is_accepted || is_refused ? 0u : 1u) << status;
    EXPECT_EQ(outcomes.verdict == Verdict::throttle, status == 429 || status == 503) << status;
  }
}

TEST(EventOutcomes, WhatIsNotNamedIsKeptOnceAndThenRefused) {
  const EventOutcomes once = sort_events(batch_of(2), {{event_id(1), {201, ""}}});
  EXPECT_THAT(ids(once.rest.records), ElementsAre(event_id(0)));
  EXPECT_TRUE(once.rest.is_in_doubt);
  EXPECT_EQ(once.status, 207);

  const EventOutcomes twice = sort_events(batch_of(2, true), {{event_id(1), {429, ""}}});
  EXPECT_THAT(ids(twice.refused), ElementsAre(event_id(0)));
  EXPECT_EQ(twice.first_refusal.words, "two answers did not say what became of it");
  EXPECT_THAT(ids(twice.rest.records), ElementsAre(event_id(1)));
  EXPECT_FALSE(twice.rest.is_in_doubt);
  EXPECT_THAT(twice.accepted, IsEmpty());
}

}  // namespace
}  // namespace langfuse::internal
