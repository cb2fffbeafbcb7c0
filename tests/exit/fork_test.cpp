// Programs that fork, seen from outside: what the server has of each process, what the program
// says, and how it ends, all exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/fault_server.h"
#include "tests/support/gunzip.h"
#include "tests/support/otlp_text.h"

namespace langfuse::testing {
namespace {

using internal::DecodedSpan;
using internal::FaultServer;
using Counts = std::map<std::string, int>;

class Fork : public ::testing::Test {
 protected:
  // Batches close by a flush only. The status of the program, which a hanging child of its own
  // makes 1000 and more; what it says on both outputs is in `said_`.
  int run(const std::string& mode, std::map<std::string, std::string> settings = {}) {
    std::map<std::string, std::string> environment{{"LANGFUSE_BASE_URL", server_.url()},
                                                   {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
                                                   {"LANGFUSE_SECRET_KEY", "sk-lf-local"},
                                                   {"LANGFUSE_FLUSH_INTERVAL", "3000"},
                                                   {"LANGFUSE_TIMEOUT", "60"},
                                                   {"LANGFUSE_CPP_FLUSH_TIMEOUT", "60"},
                                                   {"LANGFUSE_CPP_EXIT_TIMEOUT", "60"}};
    environment.insert(settings.begin(), settings.end());
    ChildProcess program(
        {"/bin/sh", "-c", std::string("exec ") + LANGFUSE_FORK_PROGRAM + " " + mode + " 2>&1"},
        environment);
    said_ = program.read_all();
    const int status = program.wait();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

  std::vector<DecodedSpan> spans() const {
    std::vector<DecodedSpan> all;
    for (const FaultServer::Request& request : server_.requests()) {
      const bool is_gzip = request.header("content-encoding") == "gzip";
      const std::string body = is_gzip ? internal::gunzip(request.body) : request.body;
      for (DecodedSpan& span : internal::decode_request(body).spans) {
        if (span.name == "log.info") span.name = span.text("langfuse.observation.input");
        all.push_back(std::move(span));
      }
    }
    return all;
  }
  Counts received() const {
    Counts counts;
    for (const DecodedSpan& span : spans()) ++counts[span.name];
    return counts;
  }
  DecodedSpan span(const std::string& name) const {
    for (const DecodedSpan& each : spans()) {
      if (each.name == name) return each;
    }
    ADD_FAILURE() << "no " << name;
    return {};
  }
  // `who 0`, `who 1`, … once each.
  static void add(Counts& counts, const std::string& who, int count) {
    for (int i = 0; i < count; ++i) ++counts[who + " " + std::to_string(i)];
  }

  FaultServer server_;
  std::string said_;
};

TEST_F(Fork, LetsAChildRecordByItself) {
  EXPECT_EQ(run("once"), 0);

  Counts expected;
  add(expected, "parent", 3);
  add(expected, "child", 5);
  EXPECT_EQ(received(), expected);
  EXPECT_EQ(said_, "child: submitted 5, delivered 5, dropped 0, open 0, ignored 0, held 0\n");
}

TEST_F(Fork, CostsAChildNothingThatRecordsNothing) {
  EXPECT_EQ(run("nothing"), 0);

  Counts expected;
  add(expected, "parent", 3);
  EXPECT_EQ(received(), expected);
  EXPECT_EQ(said_, "threads of a child: 1\nthreads of a child that asks: 1\n");
}

TEST_F(Fork, LeavesWhatIsOpenToTheParent) {
  EXPECT_EQ(run("scope"), 0);

  EXPECT_EQ(
      received(),
      (Counts{{"outer", 1}, {"middle", 1}, {"inner", 1}, {"below middle", 1}, {"below outer", 1}}));
  EXPECT_EQ(span("inner").parent_span_id, span("middle").span_id);
  EXPECT_EQ(span("inner").trace_id, span("outer").trace_id);
  EXPECT_EQ(span("inner").text("langfuse.observation.metadata.of"), "inner");
  EXPECT_EQ(span("below middle").parent_span_id, span("middle").span_id);
  EXPECT_EQ(span("below outer").parent_span_id, span("outer").span_id);
  EXPECT_EQ(span("middle").count("langfuse.observation.metadata.of"), 0);
  EXPECT_EQ(span("outer").count("langfuse.observation.output"), 0);
  // The value for what is the parent's, and the ends of the two.
  EXPECT_EQ(said_, "child: submitted 3, delivered 3, dropped 0, open 0, ignored 3, held 0\n");
}

TEST_F(Fork, LetsChildrenOfChildrenRecord) {
  EXPECT_EQ(run("twice"), 0);

  Counts expected;
  for (const char* const who : {"parent", "child", "grandchild", "great-grandchild", "child again"})
    add(expected, who, 2);
  EXPECT_EQ(received(), expected);
  EXPECT_EQ(said_, "");
}

TEST_F(Fork, ThatMakesADaemonKeepsItRecording) {
  EXPECT_EQ(run("daemon"), 0);

  Counts expected;
  add(expected, "parent", 2);
  add(expected, "daemon", 2);
  ASSERT_TRUE(server_.wait_for_requests(2));  // nobody waits for a daemon
  EXPECT_EQ(received(), expected);
}

TEST_F(Fork, LetsPreforkedWorkersFlushWhenTheyAreTerminated) {
  EXPECT_EQ(run("prefork"), 0);

  Counts expected;
  add(expected, "master", 2);
  for (int i = 0; i < 8; ++i) add(expected, "worker " + std::to_string(i), 3);
  EXPECT_EQ(received(), expected);
  EXPECT_EQ(said_, "");
}

TEST_F(Fork, LeavesAChildTheEndsThatEveryProcessHas) {
  EXPECT_EQ(run("ends"), 0);

  Counts expected;
  for (const char* const who : {"parent", "by exit", "by _exit after a flush", "by shutdown"})
    add(expected, who, 1);
  EXPECT_EQ(received(), expected);
  EXPECT_EQ(said_, "7 8 1006 0 9\n");
}

TEST_F(Fork, IsNoticedWhereNoHandlerRuns) {
  EXPECT_EQ(run("past-handlers"), 0);

  Counts expected;
  add(expected, "parent", 1);
  add(expected, "_Fork", 2);
  add(expected, "raw clone", 2);
  EXPECT_EQ(received(), expected);
}

TEST_F(Fork, GivesEachChildAProcessRootAndIdsOfItsOwn) {
  EXPECT_EQ(run("roots"), 0);

  std::set<std::string> root_ids;
  std::set<std::string> root_traces;
  std::set<std::string> ids;
  std::set<std::string> parents;
  const std::vector<DecodedSpan> all = spans();
  for (const DecodedSpan& each : all) {
    ids.insert(each.span_id);
    if (each.parent_span_id.empty()) {
      root_ids.insert(each.span_id);
      root_traces.insert(each.trace_id);
    } else {
      parents.insert(each.parent_span_id);
    }
  }
  EXPECT_EQ(all.size(), 2u * 19);
  EXPECT_EQ(ids.size(), 2u * 19);
  EXPECT_EQ(root_ids.size(), 19u);
  EXPECT_EQ(root_traces.size(), 19u);
  EXPECT_EQ(parents, root_ids);
}

TEST_F(Fork, HoldsInTheChildWhatIsBelowAnUnsampledTraceOfTheParent) {
  EXPECT_EQ(
      run("keep-on-error", {{"LANGFUSE_SAMPLE_RATE", "0"}, {"LANGFUSE_CPP_KEEP_ON_ERROR", "true"}}),
      0);

  EXPECT_EQ(received(), (Counts{{"before the error", 1}, {"the error", 1}}));
  EXPECT_EQ(said_,
            "with an error: submitted 2, delivered 2, dropped 0, open 0, ignored 0, held 0\n"
            "without: submitted 0, delivered 0, dropped 0, open 0, ignored 0, held 1\n");
}

TEST_F(Fork, AfterAShutdownLeavesTheChildWithoutAClient) {
  EXPECT_EQ(run("after-shutdown"), 0);

  EXPECT_EQ(received(), (Counts{{"parent 0", 1}}));
  EXPECT_EQ(said_, "langfuse::shutdown() was called\n");
}

TEST_F(Fork, LetsTheChildChooseItsOwnConfiguration) {
  EXPECT_EQ(run("init"), 0);

  EXPECT_EQ(received(), (Counts{{"parent 0", 1}, {"child 0", 1}}));
  EXPECT_EQ(said_, "");
}

TEST_F(Fork, BeforeTheFirstUseIsNoneOfOurs) {
  EXPECT_EQ(run("before-init"), 0);

  Counts expected;
  add(expected, "parent", 2);
  add(expected, "child", 2);
  EXPECT_EQ(received(), expected);
  EXPECT_EQ(said_, "");
}

TEST_F(Fork, LeavesTheRunsOfAHandlerToTheParent) {
  EXPECT_EQ(run("handler"), 0);

  EXPECT_EQ(received(), (Counts{{"of the parent", 1}, {"of the child", 1}}));
}

TEST_F(Fork, KeepsTheFlushSources) {
  EXPECT_EQ(run("source"), 0);

  // At the flush of the parent and at its exit, at the flush of the child and at its exit.
  EXPECT_EQ(received(), (Counts{{"at a flush 0", 4}, {"child 0", 1}}));
}

TEST_F(Fork, HangsNoChildWhateverThreadsOfItsParentDo) {
  EXPECT_EQ(run("busy"), 0) << said_;

  const Counts counts = received();
  for (int i = 0; i < 10; ++i) {
    const auto found = counts.find("child " + std::to_string(i));
    EXPECT_TRUE(found != counts.end() && found->second == 1) << i;
  }
}

}  // namespace
}  // namespace langfuse::testing
