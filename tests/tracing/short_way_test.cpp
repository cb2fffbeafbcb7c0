// Values that are written at once, and what must not be: on both ways the server gets the same.
#include "tracing/short_way.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"
#include "tests/support/sanitizers.h"

namespace langfuse {

// Forks while it is written: the child ends the observation and itself.
struct ForksWhenWritten {
  Observation* observation;
};

template <>
struct AsJson<ForksWhenWritten> {
  static void write(const ForksWhenWritten& value, JsonText& out) {
    constexpr unsigned longest_seconds = 60;
    const pid_t child = fork();
    if (child == 0) {
      alarm(longest_seconds);
      out.append("\"in the child\"");
      value.observation->set_metadata("after", "the fork").set_output("child");
      value.observation->end();
      _exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    out.append("\"in the parent\"");
  }
};

namespace internal {
namespace {

constexpr char metadata[] = "langfuse.observation.metadata.";

// The states that observations leave behind have room from then on.
void make_room_at_hand(Capture& capture) {
  {
    auto first = observe("first", ObservationType::generation);
    for (int i = 0; i < 40; ++i) first.set_metadata("key " + std::to_string(i), i);
    first.set_input(std::string(40'000, 'x')).set_version("1").set_status_message("fine");
    for (int i = 0; i < 10; ++i) first.set_usage("kind " + std::to_string(i), i);
    for (int i = 0; i < 10; ++i) first.set_cost("kind " + std::to_string(i), i);
    for (int i = 0; i < 10; ++i) first.set_model_parameter("kind " + std::to_string(i), i);
  }
  capture.spans();
}

// Texts of every size at which something changes.
std::vector<std::size_t> sizes() {
  std::vector<std::size_t> result;
  for (std::size_t size = 0; size < 140; ++size) result.push_back(size);
  for (const std::size_t size : {2'048U, 16'300U, 16'320U, 16'384U, 16'400U, 70'000U}) {
    result.push_back(size);
  }
  return result;
}

TEST(ShortWay, TextsOfEverySizeArriveWhole) {
  Capture capture;
  make_room_at_hand(capture);
  for (const std::size_t size : sizes()) {
    const std::string ascii(size, 'a');
    const std::string other = ascii + "\xC3\xA4" + ascii.substr(0, size / 3);
    {
      auto observation = observe("sizes", ObservationType::generation);
      observation.set_input(ascii).set_output(other).set_model(ascii);
      observation.set_metadata("a", ascii).set_metadata("o", other);
      observation.set_version(other).set_status_message(ascii).set_level(Level::error);
    }
    const DecodedSpan span = capture.only_span();
    ASSERT_EQ(span.text("langfuse.observation.input"), ascii) << size;
    ASSERT_EQ(span.text("langfuse.observation.output"), other) << size;
    ASSERT_EQ(span.text("langfuse.observation.model.name"), ascii) << size;
    ASSERT_EQ(span.text(metadata + std::string("a")), ascii) << size;
    ASSERT_EQ(span.text(metadata + std::string("o")), other) << size;
    ASSERT_EQ(span.text("langfuse.version"), other) << size;
  }
}

TEST(ShortWay, RepairsWhatIsNotUtf8AsTheLongWayDoes) {
  Capture capture;
  make_room_at_hand(capture);
  const std::string broken = "gr\xC3\xB6\xC3\xFF\xE2\x82" + std::string(30, 'x');

  {
    auto observation = observe(broken, ObservationType::generation);
    observation.set_input(broken).set_metadata("k\xFFy", broken).set_usage("u\xFF", 1);
  }

  const DecodedSpan span = capture.only_span();
  const std::string repaired =
      "gr\xC3\xB6\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" + std::string(30, 'x');
  EXPECT_EQ(span.name, repaired);
  EXPECT_EQ(span.text("langfuse.observation.input"), repaired);
  EXPECT_EQ(span.text(metadata + std::string("k\xEF\xBF\xBDy")), repaired);
}

TEST(ShortWay, AKeyThatIsSetTwiceHasTheLastValue) {
  Capture capture;
  make_room_at_hand(capture);

  {
    auto observation = observe("twice", ObservationType::generation);
    for (const char* const value : {"one", "two"}) {
      observation.set_input(value).set_output(value).set_model(value).set_metadata("key", value);
      // These share a bit.
      observation.set_metadata("abcd", value).set_metadata("axyd", value);
      observation.set_model_parameter("p", value).set_version(value).set_status_message(value);
    }
    observation.set_usage("input", 1).set_usage("input", 2).set_name("again").set_name("last");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "last");
  for (const char* const key :
       {"langfuse.observation.input", "langfuse.observation.output",
        "langfuse.observation.model.name", "langfuse.observation.metadata.key",
        "langfuse.observation.metadata.abcd", "langfuse.observation.metadata.axyd",
        "langfuse.version", "langfuse.observation.status_message"}) {
    EXPECT_EQ(span.text(key), "two") << key;
  }
  EXPECT_EQ(span.text("langfuse.observation.usage_details"), R"({"input":2})");
  EXPECT_EQ(span.text("langfuse.observation.model.parameters"), R"({"p":"two"})");
}

TEST(ShortWay, WritesNumbersAndBoolsOfEveryKind) {
  Capture capture;
  make_room_at_hand(capture);

  {
    auto observation = observe("numbers", ObservationType::generation);
    observation.set_metadata("i", 7).set_metadata("n", -7).set_metadata("l", 1LL << 40);
    observation.set_metadata("u", 3U).set_metadata("d", 0.75).set_metadata("b", true);
    observation.set_metadata("nan", 0.0 / 0.0);
    observation.set_model_parameter("t", 0.7).set_model_parameter("m", -1.5);
    observation.set_model_parameter("e", 1e-9).set_model_parameter("s", "a \"b\"");
    observation.set_cost("total", 0.0003).set_usage("input", 812).set_usage("output", 0);
  }

  const DecodedSpan span = capture.only_span();
  const auto value = [&](const char* key) { return span.attribute(metadata + std::string(key)); };
  EXPECT_EQ(value("i"), "7");
  EXPECT_EQ(value("u"), "3");
  EXPECT_EQ(value("d"), "0.75 (double)");
  EXPECT_EQ(value("b"), "true");
  EXPECT_EQ(value("nan"), "\"NaN\"");
  EXPECT_EQ(span.text("langfuse.observation.cost_details"), R"({"total":0.0003})");
  EXPECT_EQ(span.text("langfuse.observation.usage_details"), R"({"input":812,"output":0})");
  EXPECT_EQ(span.text("langfuse.observation.model.parameters"),
            R"({"t":0.7,"m":-1.5,"e":1e-09,"s":"a \"b\""})");
}

// The two encoders of a record must not drift apart.
TEST(ShortWay, AnObservationThatHasNothingMoreIsWrittenAsOneThatMight) {
  Capture capture;
  std::vector<std::string> texts;
  for (const bool might_have_more : {false, true}) {
    {
      auto observation = observe("same", ObservationType::tool);
      observation.set_input("text").set_metadata("key", 1);
      if (might_have_more) observation.set_version("").set_status_message("");
    }
    texts.push_back(attributes_text(capture.only_span()));
  }

  EXPECT_EQ(texts[0], texts[1]);
}

TEST(ShortWay, IsClosedToMasks) {
  Settings settings = capture_settings();
  settings.mask = [](std::string_view) { return std::string("masked"); };
  Capture capture(settings);
  make_room_at_hand(capture);

  {
    auto observation = observe("name");
    observation.set_input("text").set_output(7).set_metadata("key", "text");
    observation.set_status_message("text");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.input"), "masked");
  EXPECT_EQ(span.text("langfuse.observation.output"), "masked");
  EXPECT_EQ(span.text(metadata + std::string("key")), "masked");
  EXPECT_EQ(span.text("langfuse.observation.status_message"), "masked");
}

TEST(ShortWay, IsClosedToLowLimits) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 10;
  Capture capture(settings);
  make_room_at_hand(capture);

  {
    auto observation = observe("name");
    observation.set_input(std::string(20, 'x')).set_metadata("key", std::string(20, 'x'));
  }

  const DecodedSpan span = capture.only_span();
  const std::string cut = std::string(10, 'x') + "\xE2\x80\xA6[truncated 10 bytes]";
  EXPECT_EQ(span.text("langfuse.observation.input"), cut);
  EXPECT_EQ(span.text(metadata + std::string("key")), cut);
}

TEST(ShortWay, WhatAnObjectSetIsReplacedByWhatComesLater) {
  Capture capture;
  make_room_at_hand(capture);

  {
    auto observation = observe("name");
    observation.set_metadata("k.a", "before").set_metadata("other", 1);
    observation.set_metadata("k.a", "after").set_metadata("other", 2);
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text(metadata + std::string("k.a")), "after");
  EXPECT_EQ(span.attribute(metadata + std::string("other")), "2");
}

TEST(ShortWay, AThousandAttributesAndALongKeyAndALargeValueArriveWithTheirNeighbours) {
  Capture capture;
  make_room_at_hand(capture);
  const std::string long_key(64 * 1024, 'k');

  {
    auto observation = observe("many");
    for (int i = 0; i < 1000; ++i) observation.set_metadata("n" + std::to_string(i), i);
    observation.set_metadata(long_key, "of a long key");
    observation.set_output(std::string(20'000'000, 'o'));
    observation.set_input("the neighbour");
  }
  {
    auto next = observe("next");
    next.set_input("of the next");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(spans[0].attribute(metadata + ("n" + std::to_string(i))), std::to_string(i));
  }
  EXPECT_EQ(spans[0].text(metadata + long_key), "of a long key");
  EXPECT_EQ(spans[0].text("langfuse.observation.input"), "the neighbour");
  const std::string output = spans[0].text("langfuse.observation.output");
  EXPECT_NE(output.find("[truncated 18951424 bytes]"), std::string::npos);
  EXPECT_EQ(spans[1].text("langfuse.observation.input"), "of the next");
}

#if !LANGFUSE_TEST_HAS_TSAN && !LANGFUSE_TEST_HAS_ASAN
TEST(ShortWay, AForkInTheMiddleOfASetterHurtsNeitherProcess) {
  Capture capture;
  make_room_at_hand(capture);

  {
    auto observation = observe("forked");
    observation.set_input(ForksWhenWritten{&observation}).set_output("parent");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.output"), "parent");
  EXPECT_EQ(span.attribute(metadata + std::string("after")), "<absent>");
}
#endif

}  // namespace
}  // namespace internal
}  // namespace langfuse
