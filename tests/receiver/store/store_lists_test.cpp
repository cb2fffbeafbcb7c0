// The lists of traces and of sessions, their filters, and what there is to filter by.

#include <gtest/gtest.h>

#include "receiver/store/store.h"
#include "tests/receiver/rows/observation_rows.h"

namespace {

using langfuse_receiver::Facets;
using langfuse_receiver::Json;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::SessionSummary;
using langfuse_receiver::Store;
using langfuse_receiver::TraceQuery;
using langfuse_receiver::TraceSummary;
using langfuse_test::first_start;
using langfuse_test::observation;
using Texts = std::vector<std::string>;

// Three traces: `a`, the oldest, is plain; `b` has an error, `c` a warning and a generation.
class StoreLists : public ::testing::Test {
 protected:
  void SetUp() override {
    ObservationRow a = observation("a", "a1");
    a.user_id = "ada";
    a.session_id = "s1";
    a.tags = Json::parse(R"(["blue"])");
    ObservationRow b = observation("b", "b1", 1'000);
    b.level = "ERROR";
    b.user_id = "bob";
    b.session_id = "s1";
    b.environment = "staging";
    b.usage_details = {{"total", 5}};
    b.cost_details = {{"total", 0.25}};
    ObservationRow c = observation("c", "c1", 2'000);
    c.level = "WARNING";
    c.type = "GENERATION";
    c.user_id = "ada";
    c.session_id = "s2";
    c.tags = Json::parse(R"(["red","blue"])");
    c.input = "the needle in the haystack";
    store_.put({a, b, c});
  }

  std::string ids(const TraceQuery& query) {
    std::string text;
    for (const TraceSummary& trace : store_.find(query)) {
      text += trace.trace_id;
    }
    return text;
  }

  Store store_{""};
};

TEST_F(StoreLists, EachFilterNarrowsTheList) {
  const auto with = [](auto member, const char* value) {
    TraceQuery query;
    query.*member = value;
    return query;
  };

  EXPECT_EQ(ids({}), "cba");
  EXPECT_EQ(ids(with(&TraceQuery::user_id, "ada")), "ca");
  EXPECT_EQ(ids(with(&TraceQuery::session_id, "s1")), "ba");
  EXPECT_EQ(ids(with(&TraceQuery::environment, "staging")), "b");
  EXPECT_EQ(ids(with(&TraceQuery::tag, "blue")), "ca");
  EXPECT_EQ(ids(with(&TraceQuery::tag, "blu")), "");
  EXPECT_EQ(ids(with(&TraceQuery::type, "GENERATION")), "c");
  EXPECT_EQ(ids(with(&TraceQuery::least_level, "ERROR")), "b");
  EXPECT_EQ(ids(with(&TraceQuery::least_level, "WARNING")), "cb");
  EXPECT_EQ(ids(with(&TraceQuery::text, "needle")), "c");
}

TEST_F(StoreLists, FiltersAreCombined) {
  TraceQuery query;
  query.user_id = "ada";
  query.tag = "blue";
  query.session_id = "s2";

  EXPECT_EQ(ids(query), "c");
}

TEST_F(StoreLists, PagesFollowEachOtherWithoutGapsAlsoAtTheSameTime) {
  store_.put({observation("x", "x1"), observation("y", "y1")});  // as old as `a`
  std::string all;
  TraceQuery query;
  query.limit = 2;
  for (std::vector<TraceSummary> page = store_.find(query); !page.empty();
       page = store_.find(query)) {
    for (const TraceSummary& trace : page) {
      all += trace.trace_id;
    }
    query.before = {page.back().start_unix_nano, page.back().trace_id};
  }

  EXPECT_EQ(all, "cbyxa");
}

TEST_F(StoreLists, SessionsAddUpTheirTraces) {
  const std::vector<SessionSummary> sessions = store_.sessions(10);

  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].session_id, "s2");
  EXPECT_EQ(sessions[1].session_id, "s1");
  EXPECT_EQ(sessions[1].traces, 2);
  EXPECT_EQ(sessions[1].observations, 2);
  EXPECT_EQ(sessions[1].errors, 1);
  EXPECT_EQ(sessions[1].tokens, 5);
  EXPECT_EQ(sessions[1].cost, 0.25);
  EXPECT_EQ(sessions[1].users.dump(), R"(["ada","bob"])");
  EXPECT_EQ(sessions[1].start_unix_nano, first_start);
  EXPECT_EQ(sessions[1].end_unix_nano, first_start + 1'010);
  EXPECT_EQ(store_.sessions(1).size(), 1U);
}

TEST_F(StoreLists, FacetsAreWhatTracesHave) {
  const Facets facets = store_.facets(200);

  EXPECT_EQ(facets.types, (Texts{"GENERATION", "SPAN"}));
  EXPECT_EQ(facets.levels, (Texts{"DEFAULT", "ERROR", "WARNING"}));
  EXPECT_EQ(facets.environments, (Texts{"default", "staging"}));
  EXPECT_EQ(facets.users, (Texts{"ada", "bob"}));
  EXPECT_EQ(facets.tags.size(), 2U);
  EXPECT_EQ(store_.facets(1).users, (Texts{"ada"}));
}

TEST_F(StoreLists, ARowThatIsSentAgainIsNotAddedTwice) {
  ObservationRow b = observation("b", "b1", 1'000);
  b.usage_details = {{"total", 7}};
  store_.put({b});

  const auto trace = store_.trace("b");

  EXPECT_EQ(trace->observations, 1);
  EXPECT_EQ(trace->errors, 0);
  EXPECT_EQ(trace->tokens, 7);
  EXPECT_EQ(trace->user_id, "");
}

TEST_F(StoreLists, NewTagsReplaceTheOldOnes) {
  ObservationRow later = observation("a", "a2", 10'000'000);
  later.tags = Json::parse(R"(["green","green"])");
  store_.put({later});
  TraceQuery green;
  green.tag = "green";
  TraceQuery blue;
  blue.tag = "blue";

  EXPECT_EQ(ids(green), "a");
  EXPECT_EQ(ids(blue), "c");
}

TEST_F(StoreLists, TheTreeHasTheOldestObservationFirst) {
  ObservationRow line = observation("a", "a0", -1'000'000'000);
  line.type = "EVENT";
  line.input = "hello";
  line.warnings = Json::parse(R"(["x","y"])");
  store_.put({line});

  const auto tree = store_.tree("a", 10, 4);

  ASSERT_EQ(tree.size(), 2U);
  EXPECT_EQ(tree[0].span_id, "a0");
  EXPECT_EQ(tree[0].message, "hell");
  EXPECT_EQ(tree[0].lint, 2);
  EXPECT_FALSE(tree[0].tokens);
  EXPECT_EQ(tree[1].span_id, "a1");
  EXPECT_EQ(store_.tree("a", 1, 4).front().span_id, "a1");
  EXPECT_EQ(store_.trace("a")->lint, 2);
}

}  // namespace
