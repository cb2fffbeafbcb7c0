#include "receiver/api/read_api.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/receiver/receiver_requests.h"

namespace {

using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::ScoreRow;
using langfuse_receiver::Store;

constexpr std::int64_t start = 1'786'000'000'000'000'000;

ObservationRow row(const std::string& id, std::int64_t after_start = 0) {
  ObservationRow observation;
  observation.trace_id = "t1";
  observation.span_id = id;
  observation.name = "step " + id;
  observation.type = "SPAN";
  observation.level = "DEFAULT";
  observation.environment = "default";
  observation.start_unix_nano = start + after_start;
  observation.end_unix_nano = start + after_start + 1'500'000'000;
  observation.created_unix_nano = start;
  observation.updated_unix_nano = start;
  return observation;
}

class ReadApi : public ::testing::Test {
 protected:
  HttpResponse observations(const std::multimap<std::string, std::string>& query) {
    HttpRequest request;
    request.query = query;
    return read_observations(request, store_);
  }
  std::string ids(const std::multimap<std::string, std::string>& query) {
    std::string text;
    const Json page = Json::parse(observations(query).body);
    for (const Json& one : page["data"]) {
      text += one["id"].get<std::string>() + " ";
    }
    return text;
  }
  HttpResponse scores(const std::multimap<std::string, std::string>& query) {
    HttpRequest request;
    request.query = query;
    return read_scores(request, store_);
  }

  Store store_{""};
};

TEST_F(ReadApi, WithoutFieldsTheCoreAndBasicGroupsAreGiven) {
  store_.put({row("a")});

  EXPECT_EQ(observations({}).body,
            R"({"data":[{"id":"a","traceId":"t1","startTime":"2026-08-06T07:06:40.000Z",)"
            R"("endTime":"2026-08-06T07:06:41.500Z","projectId":"local",)"
            R"("parentObservationId":null,"type":"SPAN","name":"step a","level":"DEFAULT",)"
            R"("statusMessage":null,"version":null,"environment":"default","bookmarked":false,)"
            R"("public":false,"userId":null,"sessionId":null,"isRootObservation":true}],)"
            R"("meta":{}})");
}

TEST_F(ReadApi, EachGroupAddsItsFields) {
  ObservationRow full = row("a");
  full.type = "GENERATION";
  full.input = "in";
  full.output = "out";
  full.model = "qwen3-8b";
  full.model_parameters = {{"t", 0.5}};
  full.usage_details = {{"input", 1}, {"total", 1}};
  full.cost_details = {{"total", 0.25}};
  full.prompt_name = "reply";
  full.prompt_version = 7;
  full.completion_start_unix_nano = start + 500'000'000;
  full.tags = Json::parse(R"(["x"])");
  full.release = "r1";
  full.trace_name = "order";
  full.metadata = {{"k", std::string(201, 'm')}};
  store_.put({full});
  const std::string core = R"("id":"a","traceId":"t1","startTime":"2026-08-06T07:06:40.000Z",)"
                           R"("endTime":"2026-08-06T07:06:41.500Z","projectId":"local",)"
                           R"("parentObservationId":null,"type":"GENERATION")";

  for (const auto& [group, fields] : std::vector<std::pair<std::string, std::string>>{
           {"core", ""},
           {"time",
            R"(,"completionStartTime":"2026-08-06T07:06:40.500Z",)"
            R"("createdAt":"2026-08-06T07:06:40.000Z","updatedAt":"2026-08-06T07:06:40.000Z")"},
           {"io", R"(,"input":"in","output":"out")"},
           {"metadata", R"(,"metadata":{"k":")" + std::string(200, 'm') + "\"}"},
           {"model", R"(,"model":"qwen3-8b","providedModelName":"qwen3-8b","internalModelId":null,)"
                     R"("modelParameters":{"t":0.5})"},
           {"usage", R"(,"usageDetails":{"input":1,"total":1},"costDetails":{"total":0.25},)"
                     R"("totalCost":0.25,"usagePricingTierName":null)"},
           {"prompt", R"(,"promptId":null,"promptName":"reply","promptVersion":7)"},
           {"metrics", R"(,"latency":1.5,"timeToFirstToken":0.5)"},
           {"trace_context", R"(,"tags":["x"],"release":"r1","traceName":"order")"}}) {
    EXPECT_EQ(observations({{"fields", group}}).body,
              R"({"data":[{)" + core + fields + R"(}],"meta":{}})")
        << group;
  }
}

TEST_F(ReadApi, ExpandMetadataGivesWholeValues) {
  ObservationRow one = row("a");
  one.metadata = {{"k", std::string(201, 'm')}, {"top.nested", std::string(300, 'n')}};
  store_.put({one});

  const Json data =
      Json::parse(observations({{"fields", "metadata"}, {"expandMetadata", "k,top"}}).body)["data"];

  EXPECT_EQ(data[0]["metadata"]["k"].get<std::string>().size(), 201U);
  EXPECT_EQ(data[0]["metadata"]["top.nested"].get<std::string>().size(), 300U);
}

TEST_F(ReadApi, FiltersNarrowTheAnswer) {
  ObservationRow other = row("b", 2'000'000'000);
  other.trace_id = "t2";
  other.parent_span_id = "a";
  other.type = "TOOL";
  other.level = "ERROR";
  other.user_id = "u";
  other.session_id = "s";
  other.environment = "demo";
  store_.put({row("a"), other});

  EXPECT_EQ(ids({}), "b a ");
  for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{
           {"traceId", "t2"},
           {"type", "TOOL"},
           {"level", "ERROR"},
           {"name", "step b"},
           {"userId", "u"},
           {"sessionId", "s"},
           {"parentObservationId", "a"},
           {"environment", "demo"},
           {"fromStartTime", "2026-08-06T07:06:42.000Z"}}) {
    EXPECT_EQ(ids({{name, value}}), "b ") << name;
  }
  EXPECT_EQ(ids({{"toStartTime", "2026-08-06T07:06:42.000Z"}}), "a ");
  EXPECT_EQ(ids({{"traceId", "t2"}, {"type", "SPAN"}}), "");
}

TEST_F(ReadApi, PagesFollowEachOtherWithoutGapOrRepetition) {
  std::vector<ObservationRow> rows;
  for (int i = 0; i < 5; ++i) {
    rows.push_back(row(std::string(1, static_cast<char>('a' + i)), i / 2));  // some start together
  }
  store_.put(rows);
  std::string seen;
  std::string cursor;
  int pages = 0;
  do {
    std::multimap<std::string, std::string> query{{"limit", "2"}};
    if (!cursor.empty()) {
      query.emplace("cursor", cursor);
    }
    const Json page = Json::parse(observations(query).body);
    for (const Json& one : page["data"]) {
      seen += one["id"].get<std::string>();
    }
    cursor = page["meta"].value("cursor", "");
    ++pages;
  } while (!cursor.empty());

  EXPECT_EQ(seen, "edcba");
  EXPECT_EQ(pages, 3);
}

// Ids are stored as they were sent.
TEST_F(ReadApi, PagesFollowEachOtherWhateverTheIdsAre) {
  std::vector<ObservationRow> rows;
  for (const char* id : {"a.b", "a.", ".", "..c", "a"}) {
    rows.push_back(row(id));
    rows.back().trace_id = "t.1";
  }
  store_.put(rows);
  std::multiset<std::string> seen;
  std::multimap<std::string, std::string> query{{"limit", "1"}};
  for (std::size_t page_number = 0; page_number < rows.size(); ++page_number) {
    const Json page = Json::parse(observations(query).body);
    seen.insert(page["data"].at(0)["id"].get<std::string>());
    query = {{"limit", "1"}, {"cursor", page["meta"].value("cursor", "")}};
  }

  EXPECT_EQ(seen, (std::multiset<std::string>{"a.b", "a.", ".", "..c", "a"}));
}

TEST_F(ReadApi, BadParametersAreRefusedByName) {
  for (const auto& [name, value, error] :
       std::vector<std::tuple<const char*, const char*, const char*>>{
           {"limit", "0", "limit: expected 1 to 1000, got 0"},
           {"limit", "1001", "limit: expected 1 to 1000, got 1001"},
           {"limit", "ten", "limit: expected 1 to 1000, got ten"},
           {"fields", "core,everything", "fields: unknown group everything"},
           {"cursor", "zz", "cursor: not one that this server gave"},
           {"fromStartTime", "yesterday",
            "fromStartTime: expected ISO 8601 with Z or an offset, got yesterday"}}) {
    const HttpResponse response = observations({{name, value}});

    EXPECT_EQ(response.status, 400) << error;
    EXPECT_EQ(Json::parse(response.body).value("error", ""), error);
  }
}

TEST_F(ReadApi, ScoresCarryOneTypedValue) {
  ScoreRow number;
  number.id = "s1";
  number.trace_id = "t1";
  number.name = "quality";
  number.data_type = "NUMERIC";
  number.value = 0.5;
  number.source = "API";
  number.environment = "default";
  number.comment = "nice";
  number.timestamp_unix_nano = start + 2;
  ScoreRow flag = number;
  flag.id = "s2";
  flag.observation_id = "a";
  flag.data_type = "BOOLEAN";
  flag.value = 1;
  flag.string_value = "True";
  flag.timestamp_unix_nano = start + 1;
  ScoreRow category = number;
  category.id = "s3";
  category.trace_id.clear();
  category.session_id = "chat";
  category.data_type = "CATEGORICAL";
  category.string_value = "good";
  category.timestamp_unix_nano = start;
  store_.put({number, flag, category});

  const Json data = Json::parse(scores({{"fields", "details,subject"}}).body)["data"];

  EXPECT_EQ(data[0].dump(),
            R"({"id":"s1","projectId":"local","name":"quality","value":0.5,"dataType":"NUMERIC",)"
            R"("source":"API","timestamp":"2026-08-06T07:06:40.000Z","environment":"default",)"
            R"("createdAt":"1970-01-01T00:00:00.000Z","updatedAt":"1970-01-01T00:00:00.000Z",)"
            R"("comment":"nice","configId":null,"metadata":{},)"
            R"("subject":{"kind":"trace","id":"t1"}})");
  EXPECT_EQ(data[1]["value"], Json(true));
  EXPECT_EQ(data[1]["subject"].dump(), R"({"kind":"observation","id":"a","traceId":"t1"})");
  EXPECT_EQ(data[2]["value"], Json("good"));
  EXPECT_EQ(data[2]["subject"].dump(), R"({"kind":"session","id":"chat"})");
}

// Whatever their times and ids are, and also when newer ones come meanwhile.
TEST_F(ReadApi, PagesOfScoresFollowEachOther) {
  const auto scored = [](const std::string& id, std::int64_t at) {
    ScoreRow score;
    score.id = id;
    score.trace_id = "t1";
    score.name = "quality";
    score.data_type = "NUMERIC";
    score.timestamp_unix_nano = at;
    return score;
  };
  store_.put({scored("a.1", start), scored("", start), scored("b", start), scored("\xC3\xA9.", -5),
              scored("c", start + 1)});

  std::vector<std::string> ids;
  std::multimap<std::string, std::string> query{{"traceId", "t1"}, {"limit", "2"}};
  for (std::string cursor = "first"; !cursor.empty();) {
    const Json page = Json::parse(scores(query).body);
    for (const Json& score : page["data"]) {
      ids.push_back(score["id"]);
    }
    cursor = page["meta"].value("cursor", "");
    query = {{"traceId", "t1"}, {"limit", "2"}, {"cursor", cursor}};
    store_.put({scored("new " + cursor, start + 2)});
  }

  EXPECT_EQ(ids, (std::vector<std::string>{"c", "", "a.1", "b", "\xC3\xA9."}));
}

TEST_F(ReadApi, BadScoreParametersAreRefused) {
  EXPECT_EQ(scores({{"limit", "101"}}).status, 400);
  EXPECT_EQ(scores({{"fields", "everything"}}).status, 400);
  EXPECT_EQ(scores({{"observationId", "a"}}).status, 400);
  EXPECT_EQ(scores({{"cursor", "zz"}}).status, 400);
  EXPECT_EQ(scores({{"cursor", "1"}}).status, 400);
}

}  // namespace
