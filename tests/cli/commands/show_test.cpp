// `langfuse-cpp show` from outside: what it does with text that others wrote.

#include <gtest/gtest.h>

#include <string>

#include "receiver/base/json_text.h"
#include "tests/receiver/spans/otlp_builder.h"
#include "tests/support/fault_server.h"
#include "tests/support/http_client.h"
#include "tests/support/receiver_process.h"

namespace {

using langfuse::internal::FaultServer;
using langfuse::testing::Ended;
using langfuse::testing::run_in_shell;
using langfuse_receiver::Json;

Ended show(const std::string& arguments) {
  return run_in_shell(std::string(LANGFUSE_PROGRAM) + " show " + arguments);
}

TEST(Show, JsonDoesNotSteerTheTerminal) {
  const langfuse_test::ReceiverProcess receiver(LANGFUSE_PROGRAM);
  const std::string name = "a\x1b[31mb\xC2\x9B[31mc\x7F\xC2\xA0";
  langfuse_test::HttpClient client(receiver.url());
  client.set_basic_auth(receiver.public_key(), receiver.secret_key());
  const Json body = langfuse_test::export_of({langfuse_test::span("00f067aa0ba90201", name)});
  client.post("/api/public/otel/v1/traces", body.dump(), "application/json");

  const Ended shown = show("--json --url " + receiver.url());

  EXPECT_NE(shown.output.find("\"a\\u001b[31mb\\u009b[31mc\\u007f\xC2\xA0\""), std::string::npos)
      << shown.output;
  EXPECT_EQ(Json::parse(shown.output).at(0)["name"], name);
}

TEST(Show, WordsOfAServerDoNotSteerTheTerminal) {
  FaultServer server;
  server.script(FaultServer::reply(400, "no \x1b[31m\nmore"));

  const Ended ended = show("--url " + server.url());

  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.output,
            "langfuse-cpp: error: " + server.url() + " answered 400: no  [31m more\n");
}

TEST(Show, AnAnswerThatIsNoListOfObservationsIsSaid) {
  for (const char* answer : {"{\"data\":5}", "{\"data\":[5]}", "{\"data\":null}", "[]"}) {
    FaultServer server;
    server.script(FaultServer::reply(200, answer));

    const Ended ended = show("--url " + server.url());

    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.output,
              "langfuse-cpp: error: " + server.url() + " answered 200: " + answer + "\n");
  }
}

TEST(Show, AServerThatNeverComesToAnEndIsLeft) {
  FaultServer server;
  for (int page = 0; page < 3; ++page) {
    server.script(FaultServer::reply(200, R"({"data":[],"meta":{"cursor":"again"}})"));
  }

  const Ended ended = show("7d1f0c52a9be4e0d8a36c1f2b4e5d607 --url " + server.url());

  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.output,
            "langfuse-cpp: error: " + server.url() + " answers the same page again and again\n");
  EXPECT_EQ(server.requests().size(), 2u);
}

}  // namespace
