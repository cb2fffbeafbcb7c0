#include "examples/email_workflow/plan.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace email_workflow {
namespace {

TEST(Triage, IsReadFromTheFirstObjectOfTheAnswer) {
  const Triage triage =
      parse_triage("Sure: {\"category\": \"order\", \"urgency\": \"high\"} Anything else? {}");

  EXPECT_EQ(triage.category, "order");
  EXPECT_EQ(triage.urgency, "high");
}

TEST(Plan, IsReadFromWithinACodeFence) {
  const Plan plan = parse_plan(
      "Here it is.\n```json\n{\"steps\": [{\"tool\": \"look_up_order\", \"arguments\": "
      "{\"order\": \"A-1\"}}, {\"tool\": \"find_free_slot\"}], \"reply\": false}\n```");

  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_EQ(plan.steps[0].tool, "look_up_order");
  EXPECT_EQ(plan.steps[0].arguments, (nlohmann::json{{"order", "A-1"}}));
  EXPECT_EQ(plan.steps[1].tool, "find_free_slot");
  EXPECT_EQ(plan.steps[1].arguments, nlohmann::json::object());
  EXPECT_FALSE(plan.wants_reply);
}

TEST(Plan, MayHaveBracesAndQuotesInItsTexts) {
  const Plan plan = parse_plan(R"({"steps": [{"tool": "a}\"{", "arguments": {}}]} })");

  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(plan.steps[0].tool, "a}\"{");
  EXPECT_TRUE(plan.wants_reply);
}

TEST(Verdict, HasAScoreAndAReason) {
  const Verdict verdict = parse_verdict(R"({"score": 0.5, "reason": "so so"})");

  EXPECT_EQ(verdict.score, 0.5);
  EXPECT_EQ(verdict.reason, "so so");
}

struct BadCase {
  const char* name;
  std::function<void(const std::string&)> parse;
  std::string answer;
  const char* what;
};

class BadAnswer : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadAnswer, IsRefusedWithWhatIsWrong) {
  try {
    GetParam().parse(GetParam().answer);
    FAIL() << "accepted";
  } catch (const PlanError& error) {
    EXPECT_STREQ(error.what(), GetParam().what);
  }
}

void triage(const std::string& answer) {
  parse_triage(answer);
}
void plan(const std::string& answer) {
  parse_plan(answer);
}
void verdict(const std::string& answer) {
  parse_verdict(answer);
}

std::string nine_steps() {
  std::string steps;
  for (int i = 0; i < 9; ++i) steps += std::string(i == 0 ? "" : ",") + R"({"tool":"t"})";
  return R"({"steps":[)" + steps + "]}";
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadAnswer,
    ::testing::Values(
        BadCase{"Prose", triage, "I cannot do that.", "the answer has no JSON object"},
        BadCase{"CutOff", triage, R"({"category": "order)",
                "the JSON object of the answer does not end"},
        BadCase{"Malformed", triage, "{category: order}",
                "the JSON object of the answer is malformed"},
        BadCase{"NoCategory", triage, R"({"urgency":"low"})", "\"category\" is missing"},
        BadCase{"NumberAsCategory", triage, R"({"category":1,"urgency":"low"})",
                "\"category\" is not a text"},
        BadCase{"UnknownCategory", triage, R"({"category":"love","urgency":"low"})",
                "\"category\" has the unknown value \"love\""},
        BadCase{"NoSteps", plan, "{}", "\"steps\" is not a list"},
        BadCase{"StepsAsText", plan, R"({"steps":"a"})", "\"steps\" is not a list"},
        BadCase{"StepAsText", plan, R"({"steps":["a"]})", "a step is not an object"},
        BadCase{"StepWithoutTool", plan, R"({"steps":[{}]})", "\"tool\" is missing"},
        BadCase{"ArgumentsAsList", plan, R"({"steps":[{"tool":"t","arguments":[]}]})",
                "the arguments of \"t\" are not an object"},
        BadCase{"ReplyAsText", plan, R"({"steps":[],"reply":"no"})", "\"reply\" is not a boolean"},
        BadCase{"TooManySteps", plan, nine_steps(), "a plan of 9 steps, at most 8 are accepted"},
        BadCase{"ScoreAsText", verdict, R"({"score":"1","reason":""})",
                "\"score\" is not a number"},
        BadCase{"ScoreTooHigh", verdict, R"({"score":1.5,"reason":""})",
                "\"score\" is not between 0 and 1"},
        BadCase{"NoReason", verdict, R"({"score":1})", "\"reason\" is missing"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace email_workflow
