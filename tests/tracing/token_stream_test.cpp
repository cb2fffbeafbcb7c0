// Streamed answers: `on_token` and what it measures.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/start_observation.h"
#include "model/utc_time.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

constexpr std::string_view completion_start = "langfuse.observation.completion_start_time";
constexpr std::string_view output = "langfuse.observation.output";
constexpr std::int64_t moment = 1'767'323'045'678'000'000;

TEST(OnToken, MakesTheOutputOfItsPieces) {
  Capture capture;
  {
    auto call = observe("chat", ObservationType::generation);
    call.on_token("The ").on_token("tallest").on_token(" oak.");
  }

  EXPECT_EQ(capture.only_span().text(output), "The tallest oak.");
}

TEST(OnToken, JoinsACharacterThatIsSplitBetweenPieces) {
  Capture capture;
  {
    auto call = observe("chat", ObservationType::generation);
    call.on_token("\xF0").on_token("\x9F\x98").on_token("\x80!");
  }

  EXPECT_EQ(capture.only_span().text(output), "\xF0\x9F\x98\x80!");
}

TEST(OnToken, RepairsACharacterThatNeverEnds) {
  Capture capture;
  {
    auto call = observe("chat", ObservationType::generation);
    call.on_token("broken \xF0\x9F");
  }

  EXPECT_EQ(capture.only_span().text(output), "broken \xEF\xBF\xBD");
}

TEST(OnToken, IgnoresEmptyPieces) {
  Capture capture;
  {
    auto call = observe("chat", ObservationType::generation);
    call.on_token("").on_token({});
    EXPECT_EQ(call.token_count(), 0u);
    EXPECT_EQ(call.time_to_first_token(), 0);
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.attribute(output), "<absent>");
  EXPECT_EQ(span.attribute(completion_start), "<absent>");
}

TEST(OnToken, KeepsNoMoreThanAValueMayHaveAndSaysHowMuchIsMissing) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 8;
  Capture capture(settings);
  {
    auto call = observe("chat", ObservationType::generation);
    for (int i = 0; i < 5; ++i) call.on_token("123");
    EXPECT_EQ(call.token_count(), 5u);
  }
  {
    auto call = observe("chat", ObservationType::generation);
    call.on_token("1234567\xC3").on_token("\xA9");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].text(output), "12312312\xE2\x80\xA6[truncated 7 bytes]");
  EXPECT_EQ(spans[1].text(output), "1234567\xE2\x80\xA6[truncated 2 bytes]");
}

TEST(OnToken, ReplacesAnOutputThatWasSetBefore) {
  Capture capture;
  {
    auto call = observe("chat", ObservationType::generation);
    call.set_output("nothing yet").on_token("an ").on_token("answer");
  }

  EXPECT_EQ(capture.only_span().text(output), "an answer");
}

TEST(OnToken, IsReplacedByAnOutputThatIsSetAfterwards) {
  Capture capture;
  {
    auto call = observe("chat", ObservationType::generation);
    call.on_token("raw").set_output("parsed");
    EXPECT_EQ(call.token_count(), 1u);
  }
  {
    auto call = observe("chat", ObservationType::generation);
    call.on_token("first ").set_output("try").on_token("second");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].text(output), "parsed");
  EXPECT_EQ(spans[1].text(output), "second");
}

TEST(OnToken, MarksTheCompletionsStartAtTheFirstPiece) {
  Capture capture;
  {
    auto call = start_observation("chat", ObservationOptions().set_start_time(moment));
    call.on_token("a");
    // The observation began long ago, and its first piece comes now.
    const std::string now(std::string_view(utc_time_text(moment + call.time_to_first_token())));
    call.on_token("b").set_metadata("now", now);
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text(completion_start), span.text("langfuse.observation.metadata.now"));
}

TEST(OnToken, LeavesACompletionsStartThatWasSetExplicitly) {
  Capture capture;
  {
    auto call = observe("set before");
    call.set_completion_start_time(moment).on_token("a");
  }
  {
    auto call = observe("set after");
    call.on_token("a").set_completion_start_time(moment);
  }

  for (const DecodedSpan& span : capture.spans()) {
    EXPECT_EQ(span.text(completion_start), "2026-01-02T03:04:05.678Z") << span.name;
  }
}

TEST(OnToken, MeasuresWhatPassedBetweenThePieces) {
  Capture capture;
  auto call = observe("chat", ObservationType::generation);
  EXPECT_EQ(call.tokens_per_second(), 0);
  call.on_token("a");
  EXPECT_EQ(call.tokens_per_second(), 0);
  const std::int64_t first = call.time_to_first_token();
  EXPECT_GE(first, 0);
  call.on_token("b").on_token("c");

  EXPECT_EQ(call.token_count(), 3u);
  EXPECT_EQ(call.time_to_first_token(), first);
  EXPECT_GT(call.tokens_per_second(), 0);
}

TEST(OnToken, MeasuresOutOfTheSample) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  Capture capture(settings);
  auto call = observe("chat", ObservationType::generation);
  call.on_token("a").on_token("b");

  EXPECT_EQ(call.token_count(), 2u);
  EXPECT_GT(call.tokens_per_second(), 0);
}

TEST(OnToken, MeasuresNothingWhenNothingIsConfigured) {
  Client::forget();
  auto call = observe("chat", ObservationType::generation);
  call.on_token("a").on_token("b");

  EXPECT_EQ(call.token_count(), 0u);
  EXPECT_EQ(call.time_to_first_token(), 0);
  EXPECT_EQ(call.tokens_per_second(), 0);
}

TEST(OnToken, LeavesNothingToTheNextObservation) {
  Capture capture;
  {
    auto call = observe("first", ObservationType::generation);
    call.on_token("text").set_prompt("greeting", 1);
  }
  {
    auto call = observe("second", ObservationType::generation);
    EXPECT_EQ(call.token_count(), 0u);
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(attributes_text(spans[1]),
            "  langfuse.observation.type = \"generation\"\n"
            "  langfuse.observation.level = \"DEFAULT\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  status 0 \"\"\n");
}

}  // namespace
}  // namespace langfuse::internal
