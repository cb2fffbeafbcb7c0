// The JSON that the page reads.

#include "receiver/api/local_api.h"

#include <gtest/gtest.h>

#include "tests/receiver/rows/observation_rows.h"

namespace {

using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::Store;
using langfuse_test::observation;
using Query = std::multimap<std::string, std::string>;

class LocalApi : public ::testing::Test {
 protected:
  HttpResponse get(const std::string& path, const Query& query = {}) {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    return read_local(request, store_, nullptr);
  }
  Json json(const std::string& path, const Query& query = {}) {
    return Json::parse(get(path, query).body);
  }
  std::string trace_ids(const Query& query) {
    std::string ids;
    const Json answer = json("/local/traces", query);
    for (const Json& trace : answer["traces"]) {
      ids += trace["id"].get<std::string>();
    }
    return ids;
  }

  Store store_{""};
};

TEST_F(LocalApi, ATraceOfTheListHasTheFieldsOfTheContract) {
  ObservationRow row = observation("t", "1");
  row.warnings = Json::parse(R"(["lost"])");
  row.tags = Json::parse(R"(["x"])");
  store_.put({row});

  EXPECT_EQ(get("/local/traces").body,
            R"({"revision":2,"more":false,"traces":[{"id":"t","name":"step 1","rootName":"step 1",)"
            R"("userId":"","sessionId":"","version":"","release":"","environment":"default",)"
            R"("start":1786000000000000,"end":1786000000000000,"observations":1,"events":0,)"
            R"("errors":0,"warnings":0,"lint":1,"tokens":0,"cost":0.0,"scores":0,"hasRoot":true,)"
            R"("tags":["x"]}]})");
}

TEST_F(LocalApi, PagesOfTracesFollowEachOther) {
  store_.put({observation("a", "1"), observation("b", "1", 100), observation("c", "1", 5'000)});

  const Json first = json("/local/traces", {{"limit", "2"}});
  const Json& last = first["traces"][1];
  const Query next{{"before", last["start"].dump()}, {"before_id", last["id"]}};

  EXPECT_EQ(first["more"], true);
  EXPECT_EQ(last["id"], "b");
  EXPECT_EQ(trace_ids(next), "a");
  EXPECT_EQ(json("/local/traces", next)["more"], false);
}

TEST_F(LocalApi, ParametersOfTheListAreFilters) {
  ObservationRow a = observation("a", "1");
  a.user_id = "ada";
  a.session_id = "s";
  a.environment = "staging";
  a.level = "ERROR";
  a.type = "AGENT";
  a.input = "needle";
  a.tags = Json::parse(R"(["red"])");
  store_.put({a, observation("b", "1", 100)});

  for (const auto& [name, value] : Query{{"user", "ada"},
                                         {"session", "s"},
                                         {"environment", "staging"},
                                         {"level", "ERROR"},
                                         {"type", "AGENT"},
                                         {"q", "needle"},
                                         {"tag", "red"}}) {
    EXPECT_EQ(trace_ids({{name, value}}), "a") << name;
  }
  EXPECT_EQ(trace_ids({{"user", ""}}), "ba");
  EXPECT_EQ(trace_ids({{"q", "-"}}), "");
}

TEST_F(LocalApi, WrongParametersAreNamed) {
  for (const auto& [name, value] : Query{{"limit", "0"},
                                         {"limit", "501"},
                                         {"limit", "x"},
                                         {"before", "x"},
                                         {"before", "9223372036854775807"},
                                         {"level", "DEBUG"}}) {
    const HttpResponse response = get("/local/traces", {{name, value}});
    EXPECT_EQ(response.status, 400) << name << value;
    EXPECT_EQ(Json::parse(response.body)["message"].get<std::string>().find(name), 0U);
  }
}

TEST_F(LocalApi, SessionsFacetsAndHitsAreLists) {
  ObservationRow row = observation("t", "1");
  row.session_id = "s";
  row.user_id = "ada";
  row.input = "find me";
  store_.put({row});

  EXPECT_EQ(get("/local/sessions").body,
            R"({"revision":2,"sessions":[{"id":"s","traces":1,"observations":1,"errors":0,)"
            R"("tokens":0,"cost":0.0,"users":["ada"],"start":1786000000000000,)"
            R"("end":1786000000000000}]})");
  EXPECT_EQ(get("/local/facets").body,
            R"({"types":["SPAN"],"levels":["DEFAULT"],"environments":["default"],)"
            R"("users":["ada"],"tags":[]})");
  EXPECT_EQ(get("/local/search", {{"q", "me"}}).body,
            R"({"hits":[{"traceId":"t","observationId":"1","name":"step 1","type":"SPAN",)"
            R"("field":"input","snippet":"find \u0001me\u0002","start":1786000000000000}],)"
            R"("notSearched":0})");
}

TEST_F(LocalApi, AnObservationHasItsWarnings) {
  ObservationRow row = observation("t", "1");
  row.warnings = Json::parse(R"(["this would be lost"])");
  store_.put({row});

  EXPECT_EQ(json("/local/traces/t/observations/1")["warnings"], row.warnings);
  EXPECT_EQ(json("/local/traces/t")["observations"][0]["lint"], 1);
  EXPECT_EQ(get("/local/traces/t/observations/2").status, 404);
  EXPECT_EQ(get("/local/traces/u").status, 404);
  EXPECT_EQ(get("/local/tracesx").status, 404);
}

TEST_F(LocalApi, ATraceCountsItsMissingParents) {
  ObservationRow orphan = observation("t", "2", 1'000);
  orphan.parent_span_id = "9";
  orphan.warnings = Json::parse(R"(["lost"])");
  store_.put({observation("t", "1"), orphan});

  const Json answer = json("/local/traces/t");

  EXPECT_EQ(answer["trace"]["lint"], 2);
  EXPECT_EQ(answer["observations"][1]["lint"], 2);
}

TEST_F(LocalApi, WithTheRevisionKnownTheListsAreShort) {
  store_.put({observation("t", "1")});

  for (const std::string path : {"/local/traces", "/local/traces/t", "/local/sessions"}) {
    EXPECT_EQ(get(path, {{"revision", "2"}}).body, "{\"revision\":2}") << path;
    EXPECT_NE(get(path, {{"revision", "1"}}).body, "{\"revision\":2}") << path;
  }
}

}  // namespace
