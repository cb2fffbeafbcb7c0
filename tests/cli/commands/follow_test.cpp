// `langfuse-cpp show --follow` from outside: what it prints while things arrive, and how it ends.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "receiver/base/iso_time.h"
#include "receiver/base/json_text.h"
#include "tests/receiver/spans/otlp_builder.h"
#include "tests/support/fault_server.h"
#include "tests/support/http_client.h"
#include "tests/support/receiver_process.h"

namespace {

using langfuse::internal::FaultServer;
using langfuse::testing::ChildProcess;
using langfuse_receiver::Json;
using langfuse_test::ReceiverProcess;

constexpr const char* trace_id = "0af7651916cd43dd8448eb211c80319c";

// Looks twenty times a second; standard error is part of the output.
class Follower : public ChildProcess {
 public:
  explicit Follower(const std::string& url, const std::string& arguments = "")
      : ChildProcess({"/bin/sh", "-c",
                      std::string("exec ") + LANGFUSE_PROGRAM + " show --follow --interval 0.05 " +
                          arguments + " --url " + url + " 2>&1"}) {}

  // The next line from its 46th column on: behind time, trace, type and duration.
  std::string read_name() { return read_line().substr(45); }
};

// One second long, and just over.
Json span_of_now(const std::string& span_id, const std::string& name) {
  Json span = langfuse_test::span(span_id, name);
  const std::int64_t now = langfuse_receiver::now_unix_nano();
  span["startTimeUnixNano"] = std::to_string(now - 1'000'000'000);
  span["endTimeUnixNano"] = std::to_string(now);
  return span;
}

void post(const ReceiverProcess& receiver, const std::vector<Json>& spans) {
  langfuse_test::HttpClient client(receiver.url());
  client.set_basic_auth(receiver.public_key(), receiver.secret_key());
  const auto result =
      client.post("/api/public/otel/v1/traces",
                  langfuse_receiver::to_text(langfuse_test::export_of(spans)), "application/json");
  ASSERT_TRUE(result);
  ASSERT_EQ(result.status, 200) << result.body;
}

// An answer of `GET /api/public/v2/observations`.
FaultServer::Step page(const std::vector<std::string>& names) {
  Json data = Json::array();
  for (const std::string& name : names) {
    data.push_back({{"id", name},
                    {"traceId", trace_id},
                    {"name", name},
                    {"type", "SPAN"},
                    {"startTime", "2026-08-06T07:06:40.000Z"}});
  }
  return FaultServer::reply(200,
                            langfuse_receiver::to_text({{"data", data}, {"meta", Json::object()}}));
}

TEST(Follow, PrintsWhatArrivesOnce) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  post(receiver, {span_of_now("00f067aa0ba90201", "before")});
  Follower follower(receiver.url());

  EXPECT_EQ(follower.read_name(), "before");
  post(receiver, {span_of_now("00f067aa0ba90202", "second")});
  EXPECT_EQ(follower.read_name(), "second");
  post(receiver, {span_of_now("00f067aa0ba90203", "third")});
  EXPECT_EQ(follower.read_name(), "third");
}

TEST(Follow, BeginsWithTheLastTenOfWhatIsThere) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  for (int i = 10; i < 22; ++i) {
    post(receiver, {span_of_now("00f067aa0ba902" + std::to_string(i), "n" + std::to_string(i))});
  }
  Follower follower(receiver.url());

  for (int i = 12; i < 22; ++i) {
    EXPECT_EQ(follower.read_name(), "n" + std::to_string(i));
  }
}

TEST(Follow, OneTraceIsShownFromItsBeginningAlsoWhenItIsOld) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  Json other = span_of_now("00f067aa0ba90204", "of another trace");
  other["traceId"] = "11111111111111111111111111111111";
  post(receiver, {langfuse_test::span("00f067aa0ba90201", "old"), other});
  Follower follower(receiver.url(), trace_id);

  EXPECT_EQ(follower.read_name(), "old");
  post(receiver, {span_of_now("00f067aa0ba90202", "new")});
  EXPECT_EQ(follower.read_name(), "new");
}

TEST(Follow, ATraceThatIsNotThereYetIsWaitedFor) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  Follower follower(receiver.url(), trace_id);

  post(receiver, {span_of_now("00f067aa0ba90201", "first")});

  EXPECT_EQ(follower.read_name(), "first");
}

TEST(Follow, PrintsOneJsonALine) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  Follower follower(receiver.url(), "--json");
  post(receiver, {span_of_now("00f067aa0ba90201", "first")});

  EXPECT_EQ(Json::parse(follower.read_line())["id"], "00f067aa0ba90201");
  post(receiver, {span_of_now("00f067aa0ba90202", "second")});
  EXPECT_EQ(Json::parse(follower.read_line())["id"], "00f067aa0ba90202");
}

TEST(Follow, GoesOnWhenTheServerIsBack) {
  FaultServer server;
  server.script(page({"one"}));
  server.script({"", FaultServer::Step::End::reset});
  server.script({"", FaultServer::Step::End::close});
  server.script(FaultServer::reply(503, "overloaded"));
  server.script(page({"two", "one"}));
  server.script(FaultServer::reply(429, "slow down", {"Retry-After: 0"}));
  server.script(page({"three"}));
  server.script({"", FaultServer::Step::End::hang});
  Follower follower(server.url());

  EXPECT_EQ(follower.read_name(), "one");
  const std::string away = follower.read_line();
  EXPECT_EQ(away.substr(0, away.find(": ", 14)), "langfuse-cpp: cannot reach " + server.url())
      << away;
  EXPECT_EQ(away.substr(away.size() - 14), "; trying again") << away;
  EXPECT_EQ(follower.read_line(), "langfuse-cpp: " + server.url() + " answers again");
  EXPECT_EQ(follower.read_name(), "two");
  EXPECT_EQ(follower.read_line(),
            "langfuse-cpp: " + server.url() + " answered 429: slow down; trying again");
  EXPECT_EQ(follower.read_line(), "langfuse-cpp: " + server.url() + " answers again");
  EXPECT_EQ(follower.read_name(), "three");
}

TEST(Follow, AServerThatRefusesTheKeysIsNotAskedAgain) {
  FaultServer server;
  server.script(page({"one"}));
  server.script(FaultServer::reply(401));
  Follower follower(server.url());

  EXPECT_EQ(follower.read_name(), "one");
  EXPECT_NE(follower.read_line().find("does not know these keys (401)"), std::string::npos);
  const int status = follower.wait();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(Follow, WithoutAServerItDoesNotBegin) {
  Follower follower("http://127.0.0.1:" + std::to_string(langfuse::internal::closed_port()));

  EXPECT_NE(follower.read_line().find("nothing answers there"), std::string::npos);
  const int status = follower.wait();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(Follow, EndsByTheSignalOfCtrlC) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  post(receiver, {span_of_now("00f067aa0ba90201", "first")});
  Follower follower(receiver.url());
  EXPECT_EQ(follower.read_name(), "first");

  const int status = follower.end(SIGINT);

  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

TEST(Follow, WritesNoColoursIntoAPipe) {
  const ReceiverProcess receiver(LANGFUSE_PROGRAM);
  post(receiver, {span_of_now("00f067aa0ba90201", "first")});
  Follower follower(receiver.url());

  EXPECT_EQ(follower.read_line().find('\x1b'), std::string::npos);
}

}  // namespace
