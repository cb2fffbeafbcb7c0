// An observation that holds more than `record_max_bytes` loses no field: its longest texts are cut
// to one length and marked, and what is small stays whole, whenever it was set.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
const std::string mark_begin = "\xE2\x80\xA6[truncated ";

std::string text_of(const DecodedSpan& span, const std::string& key) {
  return span.text("langfuse.observation." + key);
}

// How much of `original` is left in `text`, which the mark must say.
std::size_t kept_of(const std::string& original, const std::string& text) {
  const std::size_t kept = std::min(text.find(mark_begin), text.size());
  if (text == original) return kept;
  EXPECT_EQ(text.substr(0, kept), original.substr(0, kept));
  EXPECT_EQ(text.substr(kept), mark_begin + std::to_string(original.size() - kept) + " bytes]");
  return kept;
}

void set_all_that_is_small(Observation& observation) {
  observation.set_model("model").set_output("output").set_prompt("prompt", 7);
  observation.set_metadata("small", "metadata").set_metadata("number", 1);
  observation.set_usage("input", 812).set_cost("total", 0.5).set_model_parameter("t", 0.25);
  observation.set_status_message("status").set_version("version").set_name("name");
  observation.set_completion_start_time(1'767'323'045'678'000'000);
}

void expect_all_that_is_small(const DecodedSpan& span) {
  EXPECT_EQ(span.name, "name");
  EXPECT_EQ(text_of(span, "model.name"), "model");
  EXPECT_EQ(text_of(span, "output"), "output");
  EXPECT_EQ(text_of(span, "prompt.name"), "prompt");
  EXPECT_EQ(span.attribute("langfuse.observation.prompt.version"), "7");
  EXPECT_EQ(text_of(span, "metadata.small"), "metadata");
  EXPECT_EQ(span.attribute("langfuse.observation.metadata.number"), "1");
  EXPECT_EQ(text_of(span, "usage_details"), "{\"input\":812}");
  EXPECT_EQ(text_of(span, "cost_details"), "{\"total\":0.5}");
  EXPECT_EQ(text_of(span, "model.parameters"), "{\"t\":0.25}");
  EXPECT_EQ(text_of(span, "status_message"), "status");
  EXPECT_EQ(span.text("langfuse.version"), "version");
  EXPECT_EQ(text_of(span, "completion_start_time"), "2026-01-02T03:04:05.678Z");
}

class LargeObservation : public ::testing::TestWithParam<int> {
 protected:
  void expect_nothing_lost() {
    const Stats stats = capture_.client().stats();
    EXPECT_EQ(stats.delivered, 1u);
    EXPECT_EQ(stats.dropped.total(), 0u);
    EXPECT_EQ(stats.lost_values, 0u);
  }

  Capture capture_;
};

std::string text_number(int i) {
  return std::string(mebibyte - static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
}

TEST_P(LargeObservation, KeepsWhatIsSmallAndComesLast) {
  const int texts = GetParam();
  {
    auto observation = observe("observation", ObservationType::generation);
    for (int i = 0; i < texts; ++i) {
      observation.set_metadata(std::to_string(i), text_number(i));
    }
    set_all_that_is_small(observation);
  }

  const DecodedSpan span = capture_.only_span();
  expect_all_that_is_small(span);
  std::vector<std::size_t> kept;
  for (int i = 0; i < texts; ++i) {
    kept.push_back(kept_of(text_number(i), text_of(span, "metadata." + std::to_string(i))));
  }
  const auto [least, most] = std::minmax_element(kept.begin(), kept.end());
  if (texts > 3) {
    EXPECT_LE(*most - *least, 1u) << "one length for all";
  }
  const std::size_t all = *most * kept.size();
  EXPECT_LE(all, 4 * mebibyte);
  if (texts > 3) {
    EXPECT_GT(all, 4 * mebibyte - 200 * kept.size() - 2000) << "no more is cut than must be";
  }
  EXPECT_EQ(capture_.client().stats().truncated, texts > 3 ? static_cast<unsigned>(texts) : 0u);
  expect_nothing_lost();
}

TEST_P(LargeObservation, KeepsWhatIsSmallAndComesFirst) {
  {
    auto observation = observe("observation", ObservationType::generation);
    set_all_that_is_small(observation);
    for (int i = 0; i < GetParam(); ++i) {
      observation.set_metadata(std::to_string(i), text_number(i));
    }
  }

  expect_all_that_is_small(capture_.only_span());
  expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(OfSoManyTexts, LargeObservation, ::testing::Values(1, 3, 4, 5, 8, 9, 30));

// The last value counts, also of a text that had to be cut in between.
TEST_F(LargeObservation, HasOfEveryKeyTheValueSetLast) {
  {
    auto observation = observe("observation");
    for (int i = 0; i < 20; ++i) observation.set_metadata(std::to_string(i), text_number(i));
    for (int i = 0; i < 20; ++i) observation.set_metadata(std::to_string(i), i);
    observation.set_input(text_number(0));
  }

  const DecodedSpan span = capture_.only_span();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(span.attribute("langfuse.observation.metadata." + std::to_string(i)),
              std::to_string(i));
  }
  EXPECT_EQ(text_of(span, "input"), text_number(0));
  expect_nothing_lost();
}

TEST_F(LargeObservation, CutsItsNameAndStatusMessageLikeItsValues) {
  const std::string text = text_number(0);
  {
    auto observation = observe(text);
    observation.set_input(text).set_output(text).set_status_message(text).set_level(Level::error);
    observation.set_metadata("small", "small");
  }

  const DecodedSpan span = capture_.only_span();
  const std::size_t kept = kept_of(text, text_of(span, "input"));
  EXPECT_LT(kept, mebibyte);
  EXPECT_EQ(kept_of(text, span.name), kept);
  EXPECT_EQ(kept_of(text, text_of(span, "status_message")), kept);
  EXPECT_EQ(kept_of(text, span.statuses.at(0).second), kept);
  EXPECT_EQ(text_of(span, "metadata.small"), "small");
}

// The server drops the whole object when it is not JSON any more.
TEST_F(LargeObservation, LeavesItsParametersJson) {
  std::string text;
  while (text.size() < mebibyte) text += "say \"\\\n\x01 \xC3\xA9\xF0\x9F\x98\x80";
  text.resize(text.size() - text.size() % 4);
  {
    auto observation = observe("observation", ObservationType::generation);
    observation.set_model_parameter("temperature", 0.5);
    for (int i = 0; i < 6; ++i) observation.set_model_parameter(std::to_string(i), text);
    observation.set_model_parameter("stop", "END").set_usage("input", 7);
    observation.set_input(text).set_output(text).set_metadata("a", text).set_metadata("b", text);
  }

  const DecodedSpan span = capture_.only_span();
  const auto parameters =
      nlohmann::json::parse(span.text("langfuse.observation.model.parameters"), nullptr, false);
  ASSERT_TRUE(parameters.is_object());
  EXPECT_EQ(parameters.size(), 8u);
  EXPECT_EQ(parameters["temperature"], 0.5);
  EXPECT_EQ(parameters["stop"], "END");
  for (int i = 0; i < 6; ++i) {
    const std::string cut = parameters[std::to_string(i)];
    EXPECT_LT(cut.size(), mebibyte / 4);
    EXPECT_GT(cut.size(), 1000u);
  }
  EXPECT_EQ(text_of(span, "usage_details"), "{\"input\":7}");
  expect_nothing_lost();
}

TEST_F(LargeObservation, SaysHowMuchOfAParameterIsMissing) {
  const std::string text = "\n\"" + std::string(mebibyte - 10, '\x01');  // six times as long
  {
    auto observation = observe("observation", ObservationType::generation);
    observation.set_model_parameter("p", text);
  }

  const auto parameters =
      nlohmann::json::parse(capture_.only_span().text("langfuse.observation.model.parameters"));
  const std::size_t kept = kept_of(text, parameters["p"]);
  EXPECT_GT(kept, 100'000u);
  EXPECT_LT(kept, mebibyte / 6);
  EXPECT_EQ(capture_.client().stats().truncated, 1u);
}

}  // namespace
}  // namespace langfuse::internal
