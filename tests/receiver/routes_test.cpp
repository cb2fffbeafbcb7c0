#include "receiver/routes.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "receiver/http/inflate.h"
#include "receiver/http/same_origin.h"
#include "tests/receiver/receiver_requests.h"
#include "tests/receiver/spans/otlp_builder.h"
#include "tests/receiver/store/store_file.h"

namespace {

using langfuse_receiver::HttpRequest;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::Json;
using langfuse_receiver::Store;
using langfuse_test::export_of;
using langfuse_test::get_request;
using langfuse_test::gzip;
using langfuse_test::post_request;
using langfuse_test::span;

constexpr const char* otlp = "/api/public/otel/v1/traces";
constexpr const char* ingestion = "/api/public/ingestion";
constexpr const char* scores = "/api/public/scores";

class Routes : public ::testing::Test {
 protected:
  HttpResponse send(const HttpRequest& request) {
    return langfuse_receiver::answer(request, langfuse_test::route_options(), store_);
  }
  static std::string export_text() { return export_of({span("b7ad6b7169203331", "step")}).dump(); }

  Store store_{""};
};

TEST_F(Routes, AnExportIsStoredBeforeItIsAnswered) {
  const HttpResponse response = send(post_request(otlp, export_text()));

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(store_.observation_count(), 1);
}

TEST_F(Routes, ExportsComeAsProtobufAndCompressed) {
  const std::string protobuf =
      langfuse_test::protobuf_of(export_of({span("b7ad6b7169203332", "step")}));
  HttpRequest compressed = post_request(otlp, gzip(protobuf), "application/x-protobuf");
  compressed.headers["content-encoding"] = "gzip";
  HttpRequest json = post_request(otlp, export_text(), "Application/JSON; charset=utf-8");

  EXPECT_EQ(send(compressed).status, 200);
  EXPECT_EQ(send(json).status, 200);
  EXPECT_EQ(store_.observation_count(), 2);
}

TEST_F(Routes, OneBadSpanRefusesTheWholeExport) {
  auto bad = span("b7ad6b7169203332", "bad");
  bad.erase("traceId");

  const HttpResponse response =
      send(post_request(otlp, export_of({span("b7ad6b7169203331", "good"), bad}).dump()));

  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"error":"Invalid OTLP trace export: resourceSpans[0].scopeSpans[0].spans[1] )"
            R"((\"bad\"): traceId is missing"})");
  EXPECT_EQ(store_.observation_count(), 0);
}

// What JavaScript's `JSON.parse` takes costs a span nothing but the character that is none, and its
// neighbours nothing at all.
TEST_F(Routes, TextThatWasCutAndBytesThatAreNotUtf8AreStoredAsReplacementCharacters) {
  const std::string bad = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"before \\ud83e", "before " + bad},
      {"\\udd84 after", bad + " after"},
      {"caf\xE9", "caf" + bad},
      {"\\ud83e\\udd84", "\xF0\x9F\xA6\x84"},
  };
  int number = 0;
  for (const auto& [sent, stored] : cases) {
    const std::string id = "b7ad6b716920333" + std::to_string(number++);
    std::string body = export_of({span(id, "name @", {{"input.value", "@"}, {"key @", "@"}}),
                                  span("c" + id.substr(1), "neighbour")},
                                 {{"service.name", "@"}}, "my-tracer")
                           .dump();
    for (std::size_t at = body.find('@'); at != std::string::npos; at = body.find('@', at)) {
      body.replace(at, 1, sent);
    }

    ASSERT_EQ(send(post_request(otlp, body)).body, "{}") << sent;

    langfuse_receiver::ObservationQuery query;
    query.span_id = id;
    query.limit = 1;
    const auto row = store_.find(query).at(0);
    EXPECT_EQ(row.name, "name " + stored);
    EXPECT_EQ(row.input, stored);
    EXPECT_EQ(row.service_name, stored);
    EXPECT_EQ(row.metadata["attributes.key " + stored], Json(stored));
    EXPECT_EQ(store_.observation_count(), 2 * number);
  }
}

using RoutesToFile = langfuse_test::StoreFile;

TEST_F(RoutesToFile, ATraceThatTakesNoMoreIsNotTriedAgain) {
  Store store(path_);
  const auto send = [&](const char* span_id) {
    const std::string body = export_of({span(span_id, "step")}).dump();
    return langfuse_receiver::answer(post_request(otlp, body), langfuse_test::route_options(),
                                     store);
  };
  send("b7ad6b7169203331");
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec("UPDATE traces SET row_ids_given = 16777216");

  const HttpResponse response = send("b7ad6b7169203332");

  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"error":"trace 0af7651916cd43dd8448eb211c80319c has 16777216 observations, and )"
            R"(takes no more"})");
}

struct BadExport {
  const char* body;
  const char* content_type;
  const char* encoding;
  const char* error;
};

TEST_F(Routes, BodiesThatAreNoExportAreRefusedWithTheReason) {
  for (const BadExport& bad : std::vector<BadExport>{
           {"{", "application/json", "", R"({"error":"Failed to parse OTel JSON Trace: )"},
           {"[]", "application/json", "",
            R"({"error":"Failed to parse OTel JSON Trace: the body is not a JSON object"})"},
           {"hello", "application/x-protobuf", "",
            R"({"error":"Failed to parse OTel Protobuf Trace: )"},
           {"{}", "text/plain", "",
            R"({"error":"Invalid content type: expected application/json or )"},
           {"{}", "", "", R"({"error":"Invalid content type: )"},
           {"{}", "application/json", "gzip",
            R"({"error":"Failed to decompress request body: incorrect header check"})"}}) {
    HttpRequest request = post_request(otlp, bad.body, bad.content_type);
    request.headers["content-encoding"] = bad.encoding;

    const HttpResponse response = send(request);

    EXPECT_EQ(response.status, 400) << bad.error;
    EXPECT_EQ(response.body.substr(0, std::string(bad.error).size()), bad.error);
  }
}

TEST_F(Routes, ACutOffGzipBodyIsRefused) {
  std::string compressed = gzip(export_text());
  compressed.resize(compressed.size() - 9);
  HttpRequest request = post_request(otlp, compressed);
  request.headers["content-encoding"] = "gzip";

  EXPECT_EQ(send(request).body,
            R"({"error":"Failed to decompress request body: unexpected end of file"})");
}

TEST_F(Routes, OtherEncodingsAreNotDecoded) {
  HttpRequest request = post_request(otlp, "\x0b\x02\x80{}\x03");
  request.headers["content-encoding"] = "br";

  EXPECT_EQ(send(request).status, 400);
}

TEST_F(Routes, ABodyThatGrowsBeyondTheLimitIsRefused) {
  HttpRequest bomb = post_request(otlp, gzip(std::string(2U << 20U, ' ')));
  bomb.headers["content-encoding"] = "gzip";
  HttpRequest large = post_request(otlp, "");
  large.body_too_large = true;

  ASSERT_LT(bomb.body.size(), 10'000U);
  EXPECT_EQ(send(bomb).status, 413);
  EXPECT_EQ(send(bomb).body, R"({"error":"Request body exceeds the limit of 1048576 bytes"})");
  EXPECT_EQ(send(large).status, 413);
}

TEST(InflateGzip, StopsAtTheLimitExactly) {
  std::string text;
  std::string error;
  const std::string compressed = gzip(std::string(100'000, 'x'));

  EXPECT_EQ(langfuse_receiver::inflate_gzip(compressed, 100'000, text, error),
            langfuse_receiver::InflateResult::ok);
  EXPECT_EQ(text.size(), 100'000U);
  EXPECT_EQ(langfuse_receiver::inflate_gzip(compressed, 99'999, text, error),
            langfuse_receiver::InflateResult::too_large);
  EXPECT_EQ(text.size(), 0U);
}

TEST_F(Routes, TheIngestionVersionIsReadLikeJavaScriptDoes) {
  for (const auto& [version, status] : std::vector<std::pair<const char*, int>>{
           {"4", 200}, {"1", 200}, {"4beta", 200}, {"5", 400}, {"four", 400}}) {
    HttpRequest request = post_request(otlp, export_text());
    request.headers["x-langfuse-ingestion-version"] = version;

    EXPECT_EQ(send(request).status, status) << version;
  }
}

TEST_F(Routes, ExportsNeedBothKeys) {
  struct Case {
    const char* header;
    int status;
    const char* body;
  };
  const char* wrong =
      R"({"message":"Invalid credentials. Confirm that you've configured the correct host."})";
  for (const Case& one : std::vector<Case>{
           {"", 401, R"({"message":"No authorization header"})"},
           {"basic cGstbGYtbG9jYWw6c2stbGYtbG9jYWw=", 401,
            R"({"message":"Invalid authorization header"})"},
           {"Basic !!!", 401, R"({"message":"Invalid authorization header"})"},
           {"Basic cGstbGYtMDAwMDpzay1sZi0xMTEx", 401, wrong},
           {"Bearer pk-lf-other", 401, wrong},
           {"Bearer pk-lf-local", 403,
            R"({"message":"Access denied: the public key alone may only send scores"})"}}) {
    HttpRequest request = post_request(otlp, export_text());
    request.headers["authorization"] = one.header;

    EXPECT_EQ(send(request).status, one.status) << one.header;
    EXPECT_EQ(send(request).body, one.body) << one.header;
  }
  EXPECT_EQ(store_.observation_count(), 0);
}

TEST_F(Routes, ReadingNeedsBothKeys) {
  for (const char* path :
       {"/api/public/projects", "/api/public/v2/observations", "/api/public/v3/scores"}) {
    HttpRequest request = get_request(path);
    EXPECT_EQ(send(request).status, 200) << path;
    request.headers.erase("authorization");
    EXPECT_EQ(send(request).status, 401) << path;
    EXPECT_EQ(send(request).body,
              R"({"message":"No authorization header","error":"UnauthorizedError"})");
  }
}

TEST_F(Routes, TheIngestionRouteRefusesWhatTheServerRefuses) {
  HttpRequest no_keys = post_request(ingestion, R"({"batch":[]})");
  no_keys.headers.erase("authorization");
  HttpRequest compressed = post_request(ingestion, gzip(R"({"batch":[]})"));
  compressed.headers["content-encoding"] = "gzip";
  HttpRequest bearer = post_request(ingestion, R"({"batch":[]})");
  bearer.headers["authorization"] = "Bearer pk-lf-local";

  EXPECT_EQ(send(no_keys).status, 401);
  EXPECT_EQ(send(no_keys).body,
            R"({"error":"UnauthorizedError","message":"No authorization header"})");
  EXPECT_EQ(send(compressed).status, 400);
  EXPECT_EQ(send(bearer).status, 207);
  EXPECT_EQ(send(post_request(ingestion, std::string(4'500'001, ' '))).status, 413);
  EXPECT_EQ(send(post_request(ingestion, std::string(4'500'001, ' '))).body,
            "Body exceeded 4.5mb limit");
  EXPECT_EQ(send(post_request(ingestion, R"({"batch":[]})", "text/plain")).status, 400);
}

TEST_F(Routes, OneScoreIsTakenByItselfAndCanBeReadBack) {
  const std::string score = R"({"id":"s","sessionId":"chat","name":"resolved","value":1,)"
                            R"("dataType":"BOOLEAN"})";
  HttpRequest no_keys = post_request(scores, score);
  no_keys.headers.erase("authorization");

  EXPECT_EQ(send(no_keys).status, 401);
  EXPECT_EQ(send(post_request(scores, score, "text/plain")).status, 400);
  EXPECT_EQ(send(post_request(scores, "[" + score + "]")).status, 400);
  EXPECT_EQ(send(post_request(scores, score)).body, R"({"id":"s"})");
  const HttpResponse read = send(get_request("/api/public/v3/scores"));
  EXPECT_NE(read.body.find(R"("name":"resolved","value":true)"), std::string::npos) << read.body;
  EXPECT_EQ(send(get_request(scores)).status, 404);
}

TEST_F(Routes, WrongMethodsAndPathsAreAnsweredAsTheServerDoes) {
  EXPECT_EQ(send(get_request(otlp)).status, 405);
  EXPECT_EQ(send(get_request(otlp)).body,
            R"({"message":"Method not allowed","error":"MethodNotAllowedError"})");
  EXPECT_EQ(send(get_request(ingestion)).status, 405);
  EXPECT_EQ(send(post_request("/api/public/projects", "")).status, 405);
  EXPECT_EQ(send(post_request("/", "")).status, 405);
  for (const char* path : {"/api/public/otel", "/api/public/otel/v1/logs", "/api/public/traces",
                           "/nothing", "/local", "/local/nothing", "/local/tracesx"}) {
    EXPECT_EQ(send(get_request(path)).status, 404) << path;
  }
  const HttpResponse slash = send(post_request("/api/public/otel/v1/traces/", "{}"));
  EXPECT_EQ(slash.status, 308);
  EXPECT_EQ(slash.headers.at(0).second, otlp);
}

TEST_F(Routes, HealthNeedsNoKeys) {
  HttpRequest request = get_request("/api/public/health");
  request.headers.erase("authorization");

  EXPECT_EQ(send(request).body, R"({"status":"OK","version":"4.16.0"})");
}

TEST_F(Routes, ProjectsNameOneProject) {
  EXPECT_EQ(send(get_request("/api/public/projects")).body,
            R"({"data":[{"id":"local","name":"Local receiver","organization":)"
            R"({"id":"local","name":"Local"},"metadata":{}}]})");
}

TEST_F(Routes, TheLinkThatTheSdksPrintLeadsToThePage) {
  const HttpResponse response = send(get_request("/project/local/traces/0af7651916cd43dd"));

  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.headers.at(0).second, "/#/trace/0af7651916cd43dd");
  EXPECT_EQ(send(get_request("/project/local/traces/x\r\nSet-Cookie: a")).status, 404);
}

TEST_F(Routes, TheLinkThatNamesNoProjectLeadsToThePage) {
  const HttpResponse response = send(get_request("/trace/0af7651916cd43dd"));

  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.headers.at(0).second, "/#/trace/0af7651916cd43dd");
  EXPECT_EQ(send(get_request("/trace/")).status, 404);
}

TEST_F(Routes, EveryAnswerForbidsSniffing) {
  for (const char* path : {"/", otlp, "/nothing", "/local/traces"}) {
    const HttpResponse response = send(get_request(path));
    int found = 0;
    for (const auto& [name, value] : response.headers) {
      found += name == "X-Content-Type-Options" && value == "nosniff" ? 1 : 0;
      EXPECT_NE(name, "Access-Control-Allow-Origin");
    }
    EXPECT_EQ(found, 1) << path;
  }
}

TEST_F(Routes, OtherHostsAndOriginsAreRefusedBeforeAnythingElse) {
  HttpRequest rebound = get_request("/local/traces");
  rebound.headers["host"] = "evil.example:3000";
  HttpRequest foreign_page = post_request(otlp, export_text());
  foreign_page.headers["origin"] = "http://evil.example";

  EXPECT_EQ(send(rebound).status, 403);
  EXPECT_EQ(send(foreign_page).status, 403);
  EXPECT_EQ(store_.observation_count(), 0);
}

TEST(SameOrigin, OnlyLoopbackNamesWithOurPortAreOurs) {
  using langfuse_receiver::is_same_origin;
  for (const char* host : {"localhost:3000", "127.0.0.1:3000", "[::1]:3000", "LOCALHOST:3000"}) {
    EXPECT_TRUE(is_same_origin(host, "", 3000)) << host;
    EXPECT_TRUE(is_same_origin("localhost:3000", std::string("http://") + host, 3000)) << host;
  }
  for (const char* host : {"", "localhost", "localhost:3001", "127.0.0.1.evil.example:3000",
                           "evil.example:3000", "0.0.0.0:3000", "localhost:3000@evil.example"}) {
    EXPECT_FALSE(is_same_origin(host, "", 3000)) << host;
  }
  for (const char* origin : {"null", "https://localhost:3000", "http://localhost:3001",
                             "http://evil.example", "http://localhost:3000/"}) {
    EXPECT_FALSE(is_same_origin("localhost:3000", origin, 3000)) << origin;
  }
  EXPECT_TRUE(is_same_origin("localhost", "http://localhost", 80));
}

TEST_F(Routes, ThePagesListAnswersShortlyWhenNothingIsNew) {
  send(post_request(otlp, export_text()));
  HttpRequest list = get_request("/local/traces");
  list.headers.erase("authorization");
  const auto first = langfuse_receiver::Json::parse(send(list).body);
  list.query.emplace("revision", first["revision"].dump());

  EXPECT_EQ(first["traces"].size(), 1U);
  EXPECT_EQ(send(list).body, "{\"revision\":" + first["revision"].dump() + "}");
  send(post_request(otlp, export_text()));
  EXPECT_TRUE(langfuse_receiver::Json::parse(send(list).body).contains("traces"));
}

TEST_F(Routes, ThePageReadsATraceAndAnObservation) {
  send(post_request(otlp, export_text()));
  const std::string trace = "/local/traces/0af7651916cd43dd8448eb211c80319c";

  const auto tree = langfuse_receiver::Json::parse(send(get_request(trace)).body);
  const auto detail = langfuse_receiver::Json::parse(
      send(get_request(trace + "/observations/b7ad6b7169203331")).body);

  EXPECT_EQ(tree["trace"]["name"], langfuse_receiver::Json("step"));
  EXPECT_EQ(tree["observations"].size(), 1U);
  EXPECT_EQ(detail["name"], langfuse_receiver::Json("step"));
  EXPECT_EQ(send(get_request("/local/traces/unknown")).status, 404);
  EXPECT_EQ(send(get_request(trace + "/observations/unknown")).status, 404);
}

TEST_F(Routes, WarningsAreCountedInTheTreeAndToldInTheDetail) {
  send(post_request(
      otlp, export_of({span("b7ad6b7169203331", "step", {{"langfuse.version", 3}})}).dump()));
  const std::string trace = "/local/traces/0af7651916cd43dd8448eb211c80319c";

  const Json tree = Json::parse(send(get_request(trace)).body);
  const Json detail = Json::parse(send(get_request(trace + "/observations/b7ad6b7169203331")).body);

  EXPECT_EQ(tree["observations"][0]["lint"], 1);
  EXPECT_EQ(detail["warnings"],
            Json::array({"langfuse.version = 3: servers before 4.0 drop the whole observation and "
                         "its trace; send text"}));
}

// A child arrives before its parent, often in another export: only the root says that no more come.
TEST_F(Routes, AParentIsMissedFromTheArrivalOfTheRootToItsOwn) {
  const std::string trace = "/local/traces/0af7651916cd43dd8448eb211c80319c";
  const auto receive = [this](const char* id, const char* parent) {
    Json one = span(id, "step");
    one["parentSpanId"] = parent;
    send(post_request(otlp, export_of({one}).dump()));
  };
  const auto warnings = [&] {
    const std::string path = trace + "/observations/b7ad6b7169203333";
    return Json::parse(send(get_request(path)).body)["warnings"];
  };

  receive("b7ad6b7169203333", "b7ad6b7169203332");
  const Json before_the_root = warnings();
  receive("b7ad6b7169203331", "");
  const Json after_the_root = warnings();
  const Json tree = Json::parse(send(get_request(trace)).body);
  receive("b7ad6b7169203332", "b7ad6b7169203331");

  EXPECT_EQ(before_the_root, Json::array());
  ASSERT_EQ(after_the_root.size(), 1U);
  EXPECT_EQ(after_the_root[0].get<std::string>().substr(0, 32), "parentSpanId = b7ad6b7169203332:");
  int lint = 0;
  for (const Json& row : tree["observations"]) {
    lint += row.value("lint", 0);
  }
  EXPECT_EQ(lint, 1);
  EXPECT_EQ(warnings(), Json::array());
}

}  // namespace
