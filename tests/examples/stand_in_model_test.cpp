#include "examples/email_workflow/stand_in_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "examples/email_workflow/chat_client.h"
#include "examples/email_workflow/plan.h"
#include "examples/email_workflow/prompts.h"
#include "examples/email_workflow/stand_in_answers.h"
#include "tests/support/environment.h"

namespace email_workflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Mail mail(const std::string& subject, const std::string& text) {
  Mail result;
  result.from = {"Ann", "ann@a.example"};
  result.reply_to = result.from;
  result.subject = subject;
  result.text = text;
  return result;
}

std::string answer(const ChatRequest& request) {
  return stand_in_answer(request.messages.at(0).content, request.messages.at(1).content);
}

std::vector<std::string> tools_of(const Plan& plan) {
  std::vector<std::string> tools;
  for (const ToolStep& step : plan.steps) tools.push_back(step.tool);
  return tools;
}

TEST(StandInAnswer, SortsByTheWordsOfTheMail) {
  const std::vector<std::tuple<const char*, const char*, const char*>> table = {
      {"Where is my parcel?", "order", "normal"},
      {"Your INVOICE for order A-1", "billing", "normal"},
      {"The lamp shows an error, this is urgent", "technical", "high"},
      {"May I ask for an appointment?", "meeting", "normal"},
      {"You have won, answer immediately", "spam", "low"},
      {"I like your lamps", "other", "normal"}};
  for (const auto& [text, category, urgency] : table) {
    const Triage triage = parse_triage(answer(triage_request(mail("Hello", text))));

    EXPECT_EQ(triage.category, category) << text;
    EXPECT_EQ(triage.urgency, urgency) << text;
  }
}

TEST(StandInAnswer, PlansToLookUpEachOrderOnce) {
  const ChatRequest request =
      plan_request(mail("A-1042 and A-1077", "A-1042, please. Not AA-10421."), {"order", "normal"});

  const Plan plan = parse_plan(answer(request));

  EXPECT_THAT(tools_of(plan), ElementsAre("look_up_order", "look_up_order", "search_knowledge"));
  EXPECT_EQ(plan.steps[0].arguments, (nlohmann::json{{"order", "A-1042"}}));
  EXPECT_EQ(plan.steps[1].arguments, (nlohmann::json{{"order", "A-1077"}}));
  EXPECT_TRUE(plan.wants_reply);
}

TEST(StandInAnswer, PlansNothingForSpam) {
  const Plan plan =
      parse_plan(answer(plan_request(mail("You have won", "A-1042"), {"spam", "low"})));

  EXPECT_THAT(tools_of(plan), ElementsAre());
  EXPECT_FALSE(plan.wants_reply);
}

TEST(StandInAnswer, DraftsFromTheResults) {
  const std::vector<ToolResult> results = {
      {"look_up_order", {{"order", "A-1"}, {"item", "lamp"}, {"state", "on its way"}}},
      {"open_ticket", {{"ticket", "T-7"}}}};

  const std::string draft =
      answer(draft_request(mail("Where is it?", "Is A-1 sent?\nBye\n"), results));

  EXPECT_EQ(draft,
            "Hello Ann,\n\nthank you for your mail about \"Where is it?\".\n\n> Is A-1 sent?\n\n"
            "Your order A-1 (lamp) is on its way.\n"
            "I have opened ticket T-7; a colleague will get back to you.\n"
            "\nKind regards\nThe customer service of Lindenhof Lamps\n");
}

TEST(StandInAnswer, JudgesByTheShareOfResultsThatTheDraftUses) {
  const std::vector<ToolResult> results = {{"open_ticket", {{"ticket", "T-7"}}},
                                           {"find_free_slot", {{"slot", "Tuesday"}}}};

  const Verdict verdict = parse_verdict(
      answer(judge_request(mail("x", "y"), results, "Hello. How about Tuesday? Bye.\n")));

  EXPECT_EQ(verdict.score, 0.5);
  EXPECT_EQ(verdict.reason, "The draft uses 1 of 2 results.");
}

TEST(StandInModel, AnswersOverHttpWithUsage) {
  const StandInModel model;
  ChatClient client({model.base_url(), "", StandInModel::model_name});
  ChatRequest request;
  request.messages = {{"system", "12345678"}, {"user", "123"}};

  const ChatReply first = client.complete(request);
  const ChatReply second = client.complete(request);

  EXPECT_EQ(first.content, "I am a stand-in and know four tasks: triage, plan, draft and judge.");
  EXPECT_EQ(first.model, "stand-in-1");
  EXPECT_EQ(first.usage.input, 3);
  EXPECT_EQ(first.usage.input_cached, 0);
  EXPECT_EQ(first.usage.output, 17);
  EXPECT_EQ(second.usage.input, 1);
  EXPECT_EQ(second.usage.input_cached, 2);
}

TEST(StandInModel, TakesTextThatIsNotUtf8) {
  const StandInModel model;
  ChatClient client({model.base_url(), "", StandInModel::model_name});
  ChatRequest request;
  request.messages = {{"system", "x"}, {"user", "caf\xE9"}};

  EXPECT_EQ(client.complete(request).usage.input, 3);  // x, and caf with U+FFFD
}

class Environment : public langfuse::internal::EnvironmentTest {};

TEST_F(Environment, AProxyIsNotAskedForAModelOnThisMachine) {
  set("http_proxy", "http://127.0.0.1:1");
  const StandInModel model;
  ChatClient client({model.base_url(), {}, StandInModel::model_name});

  EXPECT_NO_THROW(client.complete(triage_request(mail("Order A-1", "Where is it?"))));
}

TEST(ChatClient, NamesTheStatusOfARefusal) {
  const StandInModel model;
  ChatClient client({model.base_url() + "/elsewhere/", "", "m"});

  try {
    client.complete({});
    FAIL() << "accepted";
  } catch (const ChatError& error) {
    EXPECT_THAT(error.what(), HasSubstr(model.base_url() +
                                        "/elsewhere/chat/completions answered with status 404"));
  }
}

TEST(ChatClient, NamesTheAddressThatDoesNotAnswer) {
  std::string gone;
  {
    const StandInModel model;
    gone = model.base_url();
  }
  ChatClient client({gone, "", "m"});

  try {
    client.complete({});
    FAIL() << "answered";
  } catch (const ChatError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no answer from " + gone + "/chat/completions: "));
  }
}

}  // namespace
}  // namespace email_workflow
