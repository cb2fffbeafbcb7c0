// The e-mail workflow as a user runs it, against the receiver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "examples/email_workflow/mail.h"
#include "examples/email_workflow/stand_in_model.h"
#include "receiver/server.h"
#include "tests/examples/received.h"
#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace email_workflow {
namespace {

using langfuse_test::TemporaryFolder;

using langfuse::testing::ChildProcess;
using langfuse::testing::received_observations;
using langfuse::testing::received_root;
using langfuse::testing::received_traces;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Outcome {
  int status = 0;
  std::string output;  // standard error included
};

class EmailWorkflowProgram : public ::testing::Test {
 protected:
  EmailWorkflowProgram() {
    receiver_.start(0);
    environment_ = {{"LANGFUSE_BASE_URL", receiver_.url()},
                    {"LANGFUSE_PUBLIC_KEY", "pk-lf-local"},
                    {"LANGFUSE_SECRET_KEY", "sk-lf-local"},
                    {"LANGFUSE_FLUSH_INTERVAL", "3000"},
                    {"OPENAI_BASE_URL", ""}};
  }

  Outcome run(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&1",
                                        EXAMPLES_DIR "/email_workflow"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    ChildProcess program(command, environment_);
    Outcome outcome;
    outcome.output = program.read_all();
    const int status = program.wait();
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
  }

  std::string outbox() const { return (folder_.path() / "outbox").string(); }
  std::vector<std::string> answers() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(outbox())) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  Mail answer(const std::string& name) const {
    std::ifstream file(outbox() + "/" + name, std::ios::binary);
    return parse_mail(
        std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }

  langfuse_receiver::Server receiver_{{}};
  std::map<std::string, std::string> environment_;
  TemporaryFolder folder_;
};

// Of each trace, oldest first: its name, how many observations it has, and how many of them are
// lines and errors.
std::vector<std::tuple<std::string, int, int, int>> outline(
    const langfuse_receiver::Server& receiver) {
  std::vector<std::tuple<std::string, int, int, int>> result;
  for (const json& trace : received_traces(receiver)) {
    result.emplace_back(trace.at("name"), trace.at("observations"), trace.at("events"),
                        trace.at("errors"));
  }
  return result;
}

TEST_F(EmailWorkflowProgram, HandlesTheShippedMailboxAndReportsTheBrokenMessage) {
  const Outcome outcome = run({"--outbox", outbox()});

  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output,
              HasSubstr("\nMessages: 8 handled (7 answered, 1 archived), 1 failed\n"
                        "  08-broken-multipart.eml: multipart/mixed whose boundary "
                        "\"----=_Part_88_1f2e3d\" does not occur in the message\n"
                        "Answers: " +
                        outbox() + "\nLangfuse: delivered 129, dropped 0, pending 0\n"));
  EXPECT_EQ(receiver_.observation_count(), 129);
  using Row = std::tuple<std::string, int, int, int>;
  EXPECT_THAT(outline(receiver_),
              ElementsAre(Row{"email_workflow", 2, 1, 0}, Row{"handle_email", 16, 1, 0},
                          Row{"handle_email", 17, 2, 0}, Row{"handle_email", 16, 1, 0},
                          Row{"handle_email", 15, 1, 0}, Row{"handle_email", 19, 3, 0},
                          Row{"handle_email", 15, 1, 0}, Row{"handle_email", 8, 1, 0},
                          Row{"handle_email", 3, 1, 3}, Row{"handle_email", 18, 3, 0}));
}

TEST_F(EmailWorkflowProgram, AnswersEachMessageThatWantsAnAnswer) {
  run({"--outbox", outbox()});

  EXPECT_THAT(
      answers(),
      ElementsAre("reply-to-01-plain-folded-headers.eml", "reply-to-02-multipart-alternative.eml",
                  "reply-to-03-quoted-printable-latin1.eml", "reply-to-04-base64-utf8.eml",
                  "reply-to-05-nested-with-attachment.eml", "reply-to-06-html-only.eml",
                  "reply-to-09-unencoded-utf8-urgent.eml"));
  EXPECT_THAT(answer("reply-to-03-quoted-printable-latin1.eml").text,
              HasSubstr("packed and leaves the warehouse on Thursday"));
  const std::string billing = answer("reply-to-05-nested-with-attachment.eml").text;
  EXPECT_THAT(billing, HasSubstr("> My card [card number] was charged twice"));
  EXPECT_EQ(billing.find("4111"), std::string::npos);
}

// The sender is known before the topic: each is propagated by a scope of its own, and both reach
// the observation of the whole message.
TEST_F(EmailWorkflowProgram, GivesEachMessageItsSenderAndItsTopic) {
  run({"--outbox", outbox(), EXAMPLES_DATA "/mailbox/01-plain-folded-headers.eml"});

  const json row = received_root(receiver_, "handle_email");
  EXPECT_EQ(row.at("userId"), "martha.quill@postbox.example");
  EXPECT_EQ(row.at("tags"), json::array({"order"}));
}

TEST_F(EmailWorkflowProgram, ObservesModelCallsWithModelUsageAndCost) {
  run({"--outbox", outbox(), EXAMPLES_DATA "/mailbox/01-plain-folded-headers.eml"});

  std::vector<std::string> models;
  for (const json& row : received_observations(receiver_, received_traces(receiver_).at(1))) {
    if (row.at("type") != "GENERATION") continue;
    models.push_back(row.at("name").get<std::string>() + " " + row.value("model", ""));
    EXPECT_GT(row.value("tokens", 0), 0) << row;
    EXPECT_GT(row.value("cost", 0.0), 0.0) << row;
  }
  EXPECT_THAT(models, ElementsAre("classify stand-in-1", "make_plan stand-in-1", "draft stand-in-1",
                                  "judge stand-in-1"));
}

TEST_F(EmailWorkflowProgram, ReportsAToolThatFailsAndGoesOn) {
  folder_.write("1.eml", "From: a@a.example\nSubject: Order A-9999\n\nWhere is my parcel?\n");
  folder_.write("2.eml", "From: b@b.example\nSubject: A meeting\n\nMay I visit you?\n");

  const Outcome outcome = run({"--outbox", outbox(), folder_.path().string()});

  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, HasSubstr("\nMessages: 1 handled (1 answered, 0 archived), 1 failed\n"
                                        "  1.eml: there is no order A-9999\n"));
  std::vector<std::string> errors;
  for (const json& row : received_observations(receiver_, received_traces(receiver_).at(1))) {
    if (row.at("level") != "ERROR") continue;
    errors.push_back(row.at("name").get<std::string>() + ": " + row.value("statusMessage", ""));
  }
  EXPECT_THAT(errors,
              ::testing::UnorderedElementsAre("handle_email: there is no order A-9999",
                                              "execute: there is no order A-9999",
                                              "look_up_order: there is no order A-9999",
                                              "log.error: 1.eml: there is no order A-9999"));
  EXPECT_EQ(received_traces(receiver_).at(2).at("errors"), 0);
}

TEST_F(EmailWorkflowProgram, AsksTheModelThatTheEnvironmentNames) {
  const StandInModel model;
  environment_["OPENAI_BASE_URL"] = model.base_url();
  environment_["OPENAI_MODEL"] = "gpt-4o";

  const Outcome outcome = run({"--outbox", outbox(), EXAMPLES_DATA "/mailbox/07-spam.eml"});

  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, HasSubstr("messages: 1, model gpt-4o at " + model.base_url()));
  EXPECT_THAT(outcome.output, HasSubstr("(0 answered, 1 archived), 0 failed"));
}

TEST_F(EmailWorkflowProgram, FailsEachMessageWhenTheModelDoesNotAnswer) {
  {
    const StandInModel model;
    environment_["OPENAI_BASE_URL"] = model.base_url();
  }

  const Outcome outcome = run({"--outbox", outbox(), EXAMPLES_DATA "/mailbox/07-spam.eml"});

  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, HasSubstr("Messages: 0 handled (0 answered, 0 archived), 1 failed\n"
                                        "  07-spam.eml: no answer from http://127.0.0.1:"));
}

TEST_F(EmailWorkflowProgram, WorksWithoutLangfuse) {
  environment_["LANGFUSE_PUBLIC_KEY"] = "";
  environment_["LANGFUSE_SECRET_KEY"] = "";

  const Outcome outcome = run({"--outbox", outbox()});

  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, HasSubstr("Messages: 8 handled"));
  EXPECT_THAT(outcome.output, HasSubstr("Langfuse: off, LANGFUSE_PUBLIC_KEY"));
  EXPECT_EQ(receiver_.observation_count(), 0);
}

TEST_F(EmailWorkflowProgram, NamesAMailboxThatIsNotThere) {
  const Outcome outcome = run({"/nowhere/mail"});

  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output, "email_workflow: no such mailbox: /nowhere/mail\n");
}

TEST_F(EmailWorkflowProgram, NamesAnOptionThatItDoesNotKnow) {
  const Outcome outcome = run({"--fast"});

  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.output, HasSubstr("--fast"));
}

TEST_F(EmailWorkflowProgram, ExplainsItself) {
  const Outcome outcome = run({"--help"});

  EXPECT_EQ(outcome.status, 0);
  for (const char* text :
       {"PATH", "--outbox", "--data", "--verbose", "OPENAI_BASE_URL", "LANGFUSE_PUBLIC_KEY"}) {
    EXPECT_THAT(outcome.output, HasSubstr(text));
  }
}

}  // namespace
}  // namespace email_workflow
