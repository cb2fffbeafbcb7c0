#include "examples/email_workflow/tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/email_workflow/prices.h"

namespace email_workflow {
namespace {

using nlohmann::json;

std::string failure(Toolbox& tools, const ToolStep& step) {
  try {
    tools.run(step);
  } catch (const ToolError& error) {
    return error.what();
  }
  return {};
}

TEST(Toolbox, FindsTheArticleThatHasMostWordsOfTheQuery) {
  Toolbox tools(EXAMPLES_DATA);

  const json articles = tools.run({"search_knowledge", {{"query", "How to clean linen shades"}}});

  ASSERT_FALSE(articles.empty());
  EXPECT_EQ(articles[0].at("name"), "cleaning");
  EXPECT_EQ(articles[0].at("title"), "Cleaning shades and bases");
}

TEST(Toolbox, FindsNothingForWordsThatOccurNowhere) {
  Toolbox tools(EXAMPLES_DATA);

  EXPECT_EQ(tools.run({"search_knowledge", {{"query", "zeppelin"}}}), json::array());
}

TEST(Toolbox, KnowsTheStateOfAnOrder) {
  Toolbox tools(EXAMPLES_DATA);

  EXPECT_EQ(tools.run({"look_up_order", {{"order", "A-1055"}}}),
            (json{{"order", "A-1055"},
                  {"item", "two wall lamps, brass"},
                  {"state", "delivered and paid"}}));
}

TEST(Toolbox, NumbersItsTickets) {
  Toolbox tools(EXAMPLES_DATA);

  const json first = tools.run({"open_ticket", {{"summary", "a"}}});
  const json second = tools.run({"open_ticket", {{"summary", "b"}}});

  EXPECT_EQ(first.at("ticket"), "T-1001");
  EXPECT_EQ(second.at("ticket"), "T-1002");
}

TEST(Toolbox, SaysWhyAToolFailed) {
  Toolbox tools(EXAMPLES_DATA);

  EXPECT_EQ(failure(tools, {"fly", json::object()}), "there is no tool \"fly\"");
  EXPECT_EQ(failure(tools, {"look_up_order", {{"order", "A-9999"}}}), "there is no order A-9999");
  EXPECT_EQ(failure(tools, {"look_up_order", {{"order", 7}}}),
            "the argument \"order\" is not a text");
}

TEST(Toolbox, NamesTheFolderThatHasNoKnowledge) {
  try {
    const Toolbox tools(EXAMPLES_DATA "/mailbox");
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no .md file in " EXAMPLES_DATA "/mailbox/knowledge");
  }
}

TEST(Prices, AreOfTheModelAndItsDatedVersions) {
  const TokenUsage usage{1'000'000, 1'000'000, 1'000'000};

  ASSERT_TRUE(cost_of("gpt-4o-mini-2024-07-18", usage).has_value());
  EXPECT_DOUBLE_EQ(cost_of("gpt-4o-mini-2024-07-18", usage)->input, 0.225);
  EXPECT_DOUBLE_EQ(cost_of("gpt-4o-mini", usage)->output, 0.60);
  EXPECT_DOUBLE_EQ(cost_of("gpt-4o", usage)->total(), 13.75);
  EXPECT_FALSE(cost_of("gpt-4o-audio", usage).has_value());
  EXPECT_FALSE(cost_of("qwen3-8b", usage).has_value());
}

}  // namespace
}  // namespace email_workflow
