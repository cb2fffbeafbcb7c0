#include "pipeline/diagnosis/server_facts.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse::internal {
namespace {

const std::string deep(100'000, '[');

TEST(ServerFacts, TheHealthAnswerHoldsTheVersion) {
  EXPECT_EQ(read_health(R"({"status":"OK","version":"4.16.0"})"), "4.16.0");
  EXPECT_EQ(read_health(R"({"status":"OK"})"), "");
}

TEST(ServerFacts, WhatIsNoHealthAnswerIsNone) {
  for (const std::string& body : {std::string(), std::string("OK"), std::string("{}"),
                                  std::string("[]"), std::string(R"({"status":1})"), deep}) {
    EXPECT_EQ(read_health(body), std::nullopt) << body.substr(0, 20);
  }
}

TEST(ServerFacts, TheProjectIsTheFirstOne) {
  const std::optional<Project> project = read_project(
      R"({"data":[{"id":"p1","name":"Mail","organization":{"id":"o1","name":"Ada"}},{"id":"p2"}]})");

  ASSERT_TRUE(project.has_value());
  EXPECT_EQ(project->id, "p1");
  EXPECT_EQ(project->name, "Mail");
  EXPECT_EQ(project->organization, "Ada");
}

TEST(ServerFacts, AreReadAsJavaScriptReadsThem) {
  const std::optional<Project> project =
      read_project("{\"data\":[{\"id\":\"p1\",\"name\":\"caf\xE9 \\ud83e\",\"limit\":1e999}]}");

  ASSERT_TRUE(project.has_value());
  EXPECT_EQ(project->name, "caf\xEF\xBF\xBD \xEF\xBF\xBD");
}

TEST(ServerFacts, AnOlderServerNamesNoOrganization) {
  const std::optional<Project> project = read_project(R"({"data":[{"id":"p1","name":"Mail"}]})");

  ASSERT_TRUE(project.has_value());
  EXPECT_EQ(project->organization, "");
}

TEST(ServerFacts, WithoutProjectsThereIsNone) {
  for (const std::string& body : {std::string(), std::string(R"({"data":[]})"),
                                  std::string(R"({"data":{}})"), std::string("[1]"), deep}) {
    EXPECT_FALSE(read_project(body).has_value()) << body.substr(0, 20);
  }
}

TEST(ServerFacts, AnObservationIsThereOrNot) {
  EXPECT_TRUE(has_observation(R"({"data":[{"id":"a"}],"meta":{}})"));
  EXPECT_FALSE(has_observation(R"({"data":[],"meta":{}})"));
  EXPECT_FALSE(has_observation("<html>"));
}

}  // namespace
}  // namespace langfuse::internal
