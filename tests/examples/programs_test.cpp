// Each small example as a user runs it: what it prints, how it ends, what the server has
// afterwards.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "receiver/server.h"
#include "tests/examples/received.h"
#include "tests/support/child_process.h"

namespace langfuse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Program : public ::testing::TestWithParam<int> {
 protected:
  Program() { receiver_.start(0); }

  // Batches close by flush only: the interval is far beyond any test.
  ChildProcess start(const std::string& name) {
    return ChildProcess({EXAMPLES_DIR "/" + name}, {{"LANGFUSE_BASE_URL", receiver_.url()},
                                                    {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
                                                    {"LANGFUSE_SECRET_KEY", "sk-lf-local"},
                                                    {"LANGFUSE_FLUSH_INTERVAL", "3000"}});
  }
  std::int64_t arrived() const { return receiver_.observation_count(); }

  // Name and level of everything that arrived.
  std::vector<std::pair<std::string, std::string>> names_and_levels() const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const nlohmann::json& trace : received_traces(receiver_)) {
      for (const nlohmann::json& observation : received_observations(receiver_, trace)) {
        found.emplace_back(observation.at("name"), observation.at("level"));
      }
    }
    return found;
  }

  // Name of everything that arrived, and of its parent; empty for the first of a trace.
  std::vector<std::pair<std::string, std::string>> parents() const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const nlohmann::json& trace : received_traces(receiver_)) {
      const std::vector<nlohmann::json> observations = received_observations(receiver_, trace);
      std::map<std::string, std::string> names;
      for (const nlohmann::json& observation : observations) {
        names[observation.at("id")] = observation.at("name");
      }
      for (const nlohmann::json& observation : observations) {
        found.emplace_back(observation.at("name"), names[observation.at("parent")]);
      }
    }
    return found;
  }

  langfuse_receiver::Server receiver_{{}};
};

void expect_status(int wait_status, int status) {
  ASSERT_TRUE(WIFEXITED(wait_status));
  EXPECT_EQ(WEXITSTATUS(wait_status), status);
}

TEST_F(Program, HelloDeliversItsStepAndItsLine) {
  expect_status(start("hello").wait(), 0);

  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("greet", "DEFAULT"), Pair("log.info", "DEFAULT")));
}

TEST_F(Program, ExistingLoggerPrintsAsBeforeAndDeliversInfoAndAbove) {
  ChildProcess program = start("existing_logger");

  EXPECT_EQ(program.read_all(),
            "[info] the shift begins\n[debug] walking to shelf 7\n[info] picked from shelf 7\n"
            "[debug] walking to shelf 13\n[warning] shelf 13 is empty\n"
            "[info] picked from shelf 13\n");
  expect_status(program.wait(), 0);
  // The process root with the line outside any scope, and two steps with their lines.
  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("existing_logger", "DEFAULT"), Pair("log.info", "DEFAULT"),
                                   Pair("pick", "DEFAULT"), Pair("log.info", "DEFAULT"),
                                   Pair("pick", "DEFAULT"), Pair("log.warning", "WARNING"),
                                   Pair("log.info", "DEFAULT")));
}

TEST_F(Program, AnnotateFunctionsNamesObservationsAfterFunctions) {
  expect_status(start("annotate_functions").wait(), 0);

  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("answer", "DEFAULT"), Pair("retrieve", "DEFAULT"),
                                   Pair("chat", "DEFAULT"), Pair("answer_from_nothing", "ERROR"),
                                   Pair("chat", "ERROR")));
}

TEST_F(Program, SeveralWorkflowsAreSeveralTracesAndOneFlush) {
  ChildProcess program = start("several_workflows");

  EXPECT_EQ(program.read_all(),
            "Ada wrote the first program.\n(in Danish) Ada wrote the first program. It was never "
            "run.\n\nfailed: there is nothing to translate\nGrace found a moth.\n(in Danish) Grace "
            "found a moth. It was dead.\ndelivered 6, pending 0\n");
  expect_status(program.wait(), 0);
  EXPECT_EQ(received_traces(receiver_).size(), 6U);
  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("summarise", "DEFAULT"), Pair("translate", "DEFAULT"),
                                   Pair("summarise", "DEFAULT"), Pair("translate", "ERROR"),
                                   Pair("summarise", "DEFAULT"), Pair("translate", "DEFAULT")));
}

TEST_F(Program, WrapFunctionsObservesWhatKnowsNothingOfIt) {
  ChildProcess program = start("wrap_functions");

  EXPECT_EQ(program.read_all(), "recipe for rye bread\n12 loaves\nfailed: rye bread would burn\n");
  expect_status(program.wait(), 0);
  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("find_recipe", "DEFAULT"), Pair("bake", "DEFAULT"),
                                   Pair("bake", "ERROR")));
}

TEST_F(Program, BatchedDecodingHasATraceForEachRequest) {
  ChildProcess program = start("batched_decoding");

  EXPECT_EQ(program.read_all(), "request-2: 1 tokens\nrequest-3: 3 tokens\nrequest-1: 3 tokens\n");
  expect_status(program.wait(), 0);
  std::vector<std::string> outputs;
  for (const nlohmann::json& trace : received_traces(receiver_)) {
    const nlohmann::json observations = received_observations(receiver_, trace);
    ASSERT_EQ(observations.size(), 1U);
    const std::string path = "/local/traces/" + trace.at("id").get<std::string>() +
                             "/observations/" + observations[0].at("id").get<std::string>();
    outputs.push_back(read_json(receiver_, path).at("output"));
  }
  EXPECT_THAT(outputs, UnorderedElementsAre("Good morning.", "Hello", "Gr\xC3\xBC\xC3\x9F Gott"));
}

TEST_F(Program, LlmHandlerHasATraceForEachQuestion) {
  ChildProcess program = start("llm_handler");

  EXPECT_EQ(program.read_all(), "delivered 6, open 0\n");
  expect_status(program.wait(), 0);
  EXPECT_EQ(received_traces(receiver_).size(), 2U);
  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("question", "DEFAULT"), Pair("lookup", "ERROR"),
                                   Pair("chat", "DEFAULT"), Pair("question", "DEFAULT"),
                                   Pair("lookup", "ERROR"), Pair("chat", "DEFAULT")));
}

TEST_F(Program, ScoresAndSessionsScoresAnObservationATraceAndASession) {
  ChildProcess program = start("scores_and_sessions");

  EXPECT_EQ(program.read_all(), "Your order arrives on Friday.\ndelivered 8, refused 1\n");
  expect_status(program.wait(), 0);
  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("answer", "DEFAULT"), Pair("chat", "DEFAULT")));
  // Name and value; the second feedback replaced the first.
  std::vector<std::pair<std::string, nlohmann::json>> scores;
  for (const nlohmann::json& score : received_scores(receiver_)) {
    scores.emplace_back(score.at("name"), score.at("value"));
  }
  EXPECT_THAT(scores, UnorderedElementsAre(Pair("relevance", 0.92), Pair("tone", "friendly"),
                                           Pair("answered", true),
                                           Pair("user-feedback", "Thank you, it came on Friday"),
                                           Pair("resolved", true)));
}

TEST_F(Program, ThreadsAndPoolsMakeOneTrace) {
  ChildProcess program = start("threads_and_pools");

  EXPECT_EQ(program.read_all(), "wiki: 3 passages, mail: 3 passages\n");
  expect_status(program.wait(), 0);
  EXPECT_THAT(parents(), UnorderedElementsAre(Pair("answer", ""), Pair("search", "answer"),
                                              Pair("search", "answer"), Pair("search", "answer")));
}

TEST_F(Program, CoroutinesKeepTheirPlaceInTheTrace) {
  expect_status(start("coroutines").wait(), 0);

  EXPECT_EQ(received_traces(receiver_).size(), 2U);
  EXPECT_THAT(parents(), UnorderedElementsAre(Pair("answer", ""), Pair("chat", "answer"),
                                              Pair("answer", ""), Pair("chat", "answer")));
}

TEST_F(Program, ChildProcessGoesOnWithTheTraceOfItsParent) {
  ChildProcess program = start("child_process");

  EXPECT_EQ(program.read_all(), "worked\n");
  expect_status(program.wait(), 0);
  EXPECT_EQ(received_traces(receiver_).size(), 1U);
  EXPECT_THAT(parents(), UnorderedElementsAre(Pair("run_worker", ""), Pair("work", "run_worker")));
}

TEST_F(Program, ServerlessHandlerHasDeliveredAnEventWhenItAnswers) {
  ChildProcess program = start("serverless_handler");

  program.write("first\n");
  EXPECT_EQ(program.read_line(), "handled first");
  EXPECT_EQ(arrived(), 2);  // while the process lives on
  program.write("\n");
  EXPECT_EQ(program.read_line(), "error: the event is empty");
  EXPECT_EQ(arrived(), 3);
  program.close_input();
  expect_status(program.wait(), 0);

  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("handle_event", "DEFAULT"), Pair("log.info", "DEFAULT"),
                                   Pair("handle_event", "ERROR")));
}

// A connection to a server on this machine, as bytes.
class Connection {
 public:
  explicit Connection(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("no connection");
    }
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void write(const std::string& text) const {
    if (send(socket_, text.data(), text.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("cannot write");
    }
  }
  // Up to and including `end`, or to the end of the connection.
  std::string read_until(const std::string& end) const {
    std::string text;
    char c = 0;
    while (text.find(end) == std::string::npos && recv(socket_, &c, 1, 0) == 1) text += c;
    return text;
  }

 private:
  int socket_;
};

TEST_P(Program, GracefulServerFinishesWhatIsInFlight) {
  ChildProcess server = start("graceful_server");
  const std::string line = server.read_line();
  ASSERT_EQ(line.find("listening on http://127.0.0.1:"), 0U) << line;
  const Connection client(std::stoi(line.substr(line.rfind(':') + 1)));
  client.write(
      "POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
      "Expect: 100-continue\r\nConnection: close\r\n\r\n");
  ASSERT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");

  server.send(GetParam());
  EXPECT_EQ(server.read_line(), "signal " + std::to_string(GetParam()) + ": no new requests");
  client.write("Why? ");

  EXPECT_EQ(client.read_until("Why?").substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_EQ(server.read_line(), "stopped, 0 pending");
  expect_status(server.wait(), 0);
  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("answer", "DEFAULT"), Pair("log.info", "DEFAULT")));
}

TEST_P(Program, GracefulServerWithItsOwnHandlerReturnsFromMain) {
  ChildProcess server = start("graceful_server_own_handler");
  ASSERT_EQ(server.read_line(), "ready");
  server.write("Why?\n");
  ASSERT_EQ(server.read_line(), "You asked: Why?");

  server.send(GetParam());

  EXPECT_EQ(server.read_line(), "stopped, 0 pending");
  expect_status(server.wait(), 0);
  // The step with its line, and the line about the signal below the process root.
  EXPECT_THAT(names_and_levels(),
              UnorderedElementsAre(Pair("answer", "DEFAULT"), Pair("log.info", "DEFAULT"),
                                   Pair("graceful_server_own_handler", "DEFAULT"),
                                   Pair("log.info", "DEFAULT")));
}

INSTANTIATE_TEST_SUITE_P(Signals, Program, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& test) {
                           return test.param == SIGTERM ? "SIGTERM" : "SIGINT";
                         });

}  // namespace
}  // namespace langfuse::testing
