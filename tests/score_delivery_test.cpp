// Scores from the program to what a server answers when it is asked for them: everything between is
// real.
#include <gtest/gtest.h>
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/tracing/observe.h>
#include <langfuse/tracing/score.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "receiver/server.h"
#include "tests/support/fault_server.h"
#include "tests/support/http_client.h"

namespace langfuse {
namespace {

using Json = nlohmann::json;

class ScoreDelivery : public ::testing::Test {
 protected:
  ScoreDelivery() { receiver_.start(0); }
  ~ScoreDelivery() override { shutdown(std::chrono::seconds{60}); }

  // `config` with the receiver's keys, and nothing that depends on time.
  void start(Config config) {
    config.public_key = "pk-lf-local";
    config.secret_key = "sk-lf-local";
    config.environment = "staging";
    config.flush_interval = std::chrono::hours{1};
    config.flush_timeout = std::chrono::seconds{60};
    config.exit_hook = false;
    config.on_error = [this](const Diagnostic& diagnostic) { said_ += diagnostic.message; };
    const Error error = init(config);
    ASSERT_FALSE(error) << error.message;
  }

  // What the server has, by name; only what the program decided.
  std::map<std::string, Json> stored(const std::string& query) const {
    langfuse_test::HttpClient client(receiver_.url());
    client.set_basic_auth("pk-lf-local", "sk-lf-local");
    const langfuse_test::HttpAnswer answer =
        client.get("/api/public/v3/scores?fields=details,subject&" + query);
    std::map<std::string, Json> scores;
    if (!answer || answer.status != 200) {
      ADD_FAILURE() << "no answer";
      return scores;
    }
    const Json page = Json::parse(answer.body);
    for (Json score : page.at("data")) {
      for (const char* const decided_there : {"createdAt", "updatedAt", "projectId", "timestamp"}) {
        score.erase(decided_there);
      }
      const auto name = score.at("name").get<std::string>();
      score.erase("name");
      scores[name] = std::move(score);
    }
    return scores;
  }

  static void score_in_every_way(const Observation& step) {
    const auto with_id = [](const char* id, ScoreDataType type = ScoreDataType::implied) {
      ScoreDetails details;
      details.id = id;
      details.data_type = type;
      return details;
    };
    ScoreDetails numeric = with_id("id-1");
    numeric.comment = "line\n\"two\"";
    numeric.metadata = R"({"checker":"rule-17","parts":[1,2.5,null]})";
    numeric.config_id = "config-3";
    step.score("numeric", 0.1, numeric);
    step.score("boolean", false, with_id("id-2"));
    step.score("categorical", "gr\xC3\xBCn", with_id("id-3"));
    step.score("text", "why not", with_id("id-4", ScoreDataType::text));
    step.score_trace("output", "better", with_id("id-5", ScoreDataType::correction));
  }

  // What must have become of these.
  static std::map<std::string, Json> expected(const Observation& step) {
    const std::string trace = step.trace_id().hex().c_str();
    const Json observation = {
        {"kind", "observation"}, {"id", step.id().hex().c_str()}, {"traceId", trace}};
    const auto score = [](const char* id, const char* type, Json value, Json subject) {
      return Json{{"id", id},
                  {"dataType", type},
                  {"value", std::move(value)},
                  {"subject", std::move(subject)},
                  {"source", "API"},
                  {"environment", "staging"},
                  {"comment", nullptr},
                  {"configId", nullptr},
                  {"metadata", Json::object()}};
    };
    std::map<std::string, Json> expected;
    Json& numeric = expected["numeric"];
    numeric = score("id-1", "NUMERIC", 0.1, observation);
    numeric["comment"] = "line\n\"two\"";
    numeric["metadata"] = Json::parse(R"({"checker":"rule-17","parts":[1,2.5,null]})");
    numeric["configId"] = "config-3";
    expected["boolean"] = score("id-2", "BOOLEAN", false, observation);
    expected["categorical"] = score("id-3", "CATEGORICAL", "gr\xC3\xBCn", observation);
    expected["text"] = score("id-4", "TEXT", "why not", observation);
    expected["output"] =
        score("id-5", "CORRECTION", "better", Json{{"kind", "trace"}, {"id", trace}});
    return expected;
  }

  langfuse_receiver::Server receiver_{{}};
  std::string said_;
};

TEST_F(ScoreDelivery, EachDataTypeIsReadBackAsItWasGiven) {
  Config config;
  config.base_url = receiver_.url();
  start(config);
  const auto step = observe("step");
  score_in_every_way(step);

  const FlushResult result = flush();

  EXPECT_EQ(result.delivered, 5u);
  EXPECT_EQ(stored("traceId=" + std::string(step.trace_id().hex())), expected(step));
  EXPECT_EQ(said_, "");
}

TEST_F(ScoreDelivery, TheSameIsTrueWhereScoresGoOneByOne) {
  // A server whose first answer is that it has no ingestion route, in front of the receiver: the
  // library asks for its health, and the rest is the receiver's.
  internal::FaultServer server;
  langfuse_test::HttpClient receiver(receiver_.url());
  receiver.set_basic_auth("pk-lf-local", "sk-lf-local");
  server.script(internal::FaultServer::reply(404, "<h1>404</h1>", {"Content-Type: text/html"}));
  server.script(internal::FaultServer::reply(200, receiver.get("/api/public/health").body));
  Config config;
  config.base_url = receiver_.url();
  config.scores_url = server.url();
  start(config);
  const auto step = observe("step");
  score_in_every_way(step);

  EXPECT_EQ(flush().delivered, 5u);

  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 7u);
  for (std::size_t i = 2; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].line, "POST /api/public/scores HTTP/1.1");
    EXPECT_EQ(receiver.post("/api/public/scores", requests[i].body, "application/json").status,
              200);
  }
  EXPECT_EQ(stored("traceId=" + std::string(step.trace_id().hex())), expected(step));
}

TEST_F(ScoreDelivery, TheSameIdReplacesAScore) {
  Config config;
  config.base_url = receiver_.url();
  start(config);
  Score score("resolved", false);
  score.session_id = "chat-9001";
  score.id = "chat-9001-resolved";
  create_score(score);
  flush();

  score.value = true;
  create_score(score);
  flush();

  const std::map<std::string, Json> scores = stored("sessionId=chat-9001");
  ASSERT_EQ(scores.size(), 1u);
  EXPECT_EQ(scores.at("resolved").at("value"), true);
  EXPECT_EQ(scores.at("resolved").at("subject"), Json({{"kind", "session"}, {"id", "chat-9001"}}));
}

TEST_F(ScoreDelivery, BesideACollectorScoresGoToTheirOwnServer) {
  internal::FaultServer collector;
  Config config;
  config.base_url = collector.url();
  config.scores_url = receiver_.url();
  start(config);
  {
    auto step = observe("step");
    step.score("quality", 1);
  }

  EXPECT_EQ(flush().delivered, 2u);
  ASSERT_EQ(collector.requests().size(), 1u);
  EXPECT_EQ(collector.requests()[0].line, "POST /api/public/otel/v1/traces HTTP/1.1");
  EXPECT_EQ(stored("name=quality").size(), 1u);
}

TEST_F(ScoreDelivery, ACollectorThatTakesNoScoresKeepsItsSpans) {
  internal::FaultServer collector;
  Config config;
  config.base_url = receiver_.url();
  config.scores_url = collector.url();
  collector.script(internal::FaultServer::reply(404, "404 page not found"));
  collector.script(internal::FaultServer::reply(404, "404 page not found"));
  start(config);
  {
    auto step = observe("step");
    step.score("quality", 1);
  }

  const FlushResult result = flush();

  EXPECT_EQ(result.delivered, 1u);
  EXPECT_EQ(result.dropped[DropReason::no_route], 1u);
  EXPECT_NE(said_.find("set LANGFUSE_CPP_SCORES_URL"), std::string::npos) << said_;
}

}  // namespace
}  // namespace langfuse
