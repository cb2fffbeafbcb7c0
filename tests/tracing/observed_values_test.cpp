// What a value becomes in the bytes, and that no key is there twice.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"

namespace langfuse {
namespace {

struct Point {
  int x;
  int y;
};

struct Unwritable {};

struct Rude {
  Observation* victim;
};

}  // namespace

template <>
struct AsJson<Point> {
  static void write(const Point& point, JsonText& out) {
    out.append("{\"x\":");
    out.append(std::to_string(point.x));
    out.append(",\"y\":");
    out.append(std::to_string(point.y));
    out.append("}");
  }
};

template <>
struct AsJson<Unwritable> {
  static void write(const Unwritable&, JsonText& out) {
    out.append("[1,");
    throw std::runtime_error("cannot");
  }
};

// Does to its observation what no value should.
template <>
struct AsJson<Rude> {
  static void write(const Rude& rude, JsonText& out) {
    out.append("[1");
    rude.victim->set_metadata("set by a value", Point{1, 2});
    rude.victim->end();
    out.append("]");
  }
};

namespace internal {
namespace {

std::string metadata(const DecodedSpan& span, const std::string& key) {
  return span.attribute("langfuse.observation.metadata." + key);
}

TEST(ObservedValues, AreThereOnceWhenSetTwice) {
  Capture capture;
  {
    auto observation = observe("twice", ObservationType::generation);
    for (int round = 1; round <= 2; ++round) {
      observation.set_input(std::string(static_cast<std::size_t>(100 * round), 'i'));
      observation.set_output(round)
          .set_metadata("key", round)
          .set_model("m" + std::to_string(round));
      observation.set_model_parameter("p", round)
          .set_usage("input", round)
          .set_cost("total", round);
      observation.set_version(std::to_string(round)).set_name("name" + std::to_string(round));
      observation.set_status_message("message" + std::to_string(round));
    }
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "name2");
  EXPECT_EQ(attributes_text(span),
            "  langfuse.observation.type = \"generation\"\n"
            "  langfuse.observation.level = \"DEFAULT\"\n"
            "  langfuse.observation.status_message = \"message2\"\n"
            "  langfuse.version = \"2\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  langfuse.observation.model.parameters = \"{\\\"p\\\":2}\"\n"
            "  langfuse.observation.usage_details = \"{\\\"input\\\":2}\"\n"
            "  langfuse.observation.cost_details = \"{\\\"total\\\":2}\"\n"
            "  langfuse.observation.input = \"" +
                std::string(200, 'i') +
                "\"\n"
                "  langfuse.observation.output = \"2\"\n"
                "  langfuse.observation.metadata.key = 2\n"
                "  langfuse.observation.model.name = \"m2\"\n"
                "  status 0 \"\"\n");
}

TEST(ObservedValues, MayBeSetInAnyOrder) {
  Capture capture;
  {
    auto observation = observe("type after input");
    observation.set_input("x").set_type(ObservationType::retriever);
  }
  {
    auto observation = observe("level first");
    observation.set_level(Level::error).set_status_message("broken");
  }
  {
    auto observation = observe("message first");
    observation.set_status_message("broken").set_level(Level::error);
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].text("langfuse.observation.type"), "retriever");
  EXPECT_EQ(spans[0].text("langfuse.observation.input"), "x");
  EXPECT_EQ(attributes_text(spans[1]),
            "  langfuse.observation.type = \"span\"\n"
            "  langfuse.observation.level = \"ERROR\"\n"
            "  langfuse.observation.status_message = \"broken\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  status 2 \"broken\"\n");
  EXPECT_EQ(attributes_text(spans[2]), attributes_text(spans[1]));
}

TEST(ObservedValues, ThatTakeTheirLevelBackAreNoError) {
  Capture capture;
  {
    auto observation = observe("recovered");
    observation.set_level(Level::error).set_level(Level::info);
  }

  const std::vector<std::pair<int, std::string>> expected = {{0, ""}};
  EXPECT_EQ(capture.only_span().statuses, expected);
}

TEST(ObservedValues, HaveAValueEvenWhenEmpty) {
  Capture capture;
  {
    auto observation = observe("empty");
    observation.set_input("").set_output(static_cast<const char*>(nullptr)).set_metadata("k", 0);
    observation.set_metadata("false", false).set_metadata("zero", 0.0).set_model("");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.attribute("langfuse.observation.input"), "\"\"");
  EXPECT_EQ(span.attribute("langfuse.observation.output"), "\"\"");
  EXPECT_EQ(metadata(span, "k"), "0");
  EXPECT_EQ(metadata(span, "false"), "false");
  EXPECT_EQ(metadata(span, "zero"), "0 (double)");
  EXPECT_EQ(span.attribute("langfuse.observation.model.name"), "\"\"");
}

TEST(ObservedValues, WithoutAKeyAreRefused) {
  Capture capture;
  {
    auto observation = observe("no keys");
    observation.set_metadata("", 1).set_model_parameter("", 1).set_usage("", 1).set_cost("", 1);
  }

  EXPECT_EQ(attributes_text(capture.only_span()),
            "  langfuse.observation.type = \"span\"\n"
            "  langfuse.observation.level = \"DEFAULT\"\n"
            "  langfuse.internal.is_app_root = true\n"
            "  status 0 \"\"\n");
}

TEST(ObservedValues, AreRepairedEverywhere) {
  Capture capture;
  {
    auto observation = observe("name\xFF");
    observation.set_input("in\xFF").set_metadata("key\xFF", "value\xFF").set_version("v\xFF");
    observation.set_status_message("message\xFF").set_level(Level::error).set_model("m\xFF");
    observation.set_model_parameter("p\xFF", "q\xFF").set_usage("u\xFF", 1).set_cost("c\xFF", 1);
  }

  const DecodedSpan span = capture.only_span();
  const std::string fffd = "\xEF\xBF\xBD";
  EXPECT_EQ(span.name, "name" + fffd);
  EXPECT_EQ(span.text("langfuse.observation.input"), "in" + fffd);
  EXPECT_EQ(span.text("langfuse.observation.metadata.key" + fffd), "value" + fffd);
  EXPECT_EQ(span.text("langfuse.version"), "v" + fffd);
  EXPECT_EQ(span.text("langfuse.observation.status_message"), "message" + fffd);
  EXPECT_EQ(span.statuses.at(0).second, "message" + fffd);
  EXPECT_EQ(span.text("langfuse.observation.model.name"), "m" + fffd);
  EXPECT_EQ(span.text("langfuse.observation.model.parameters"),
            "{\"p" + fffd + "\":\"q" + fffd + "\"}");
  EXPECT_EQ(span.text("langfuse.observation.usage_details"), "{\"u" + fffd + "\":1}");
  EXPECT_EQ(span.text("langfuse.observation.cost_details"), "{\"c" + fffd + "\":1}");
}

// Two different keys that repair makes equal are one key for the server too.
TEST(ObservedValues, AreThereOnceWhenTheirKeysAreRepairedToTheSame) {
  Capture capture;
  {
    auto observation = observe("repaired keys");
    observation.set_metadata("k\xFE", 1).set_metadata("k\xFF", 2);
  }

  EXPECT_EQ(metadata(capture.only_span(), "k\xEF\xBF\xBD"), "2");
}

TEST(ObservedValues, AreCutWhereTheyAreTooLong) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 8;
  Capture capture(settings);
  {
    auto observation = observe("0123456789");
    observation.set_input("0123456\xC3\xA9z").set_metadata("k", "12345678");
    observation.set_status_message("0123456789").set_model_parameter("p", "0123456789");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "01234567\xE2\x80\xA6[truncated 2 bytes]");
  EXPECT_EQ(span.text("langfuse.observation.input"), "0123456\xE2\x80\xA6[truncated 3 bytes]");
  EXPECT_EQ(span.text("langfuse.observation.metadata.k"), "12345678");
  EXPECT_EQ(span.text("langfuse.observation.status_message"),
            "01234567\xE2\x80\xA6[truncated 2 bytes]");
  EXPECT_EQ(span.text("langfuse.observation.model.parameters"),
            "{\"p\":\"01234567\xE2\x80\xA6[truncated 2 bytes]\"}");
  EXPECT_EQ(capture.client().stats().truncated, 4u);
}

TEST(ObservedValues, OfUsageAndCostAreClamped) {
  Capture capture;
  {
    auto observation = observe("clamped", ObservationType::generation);
    observation.set_usage("negative", -5)
        .set_usage("huge", std::numeric_limits<std::uint64_t>::max());
    observation.set_cost("negative", -1).set_cost("huge", 1e300);
    observation.set_cost("unknown", std::numeric_limits<double>::quiet_NaN());
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.usage_details"),
            R"({"negative":0,"huge":9007199254740991})");
  EXPECT_EQ(span.text("langfuse.observation.cost_details"), R"({"negative":0,"huge":999999})");
}

TEST(ObservedValues, OfUsageAndCostMayComeAllAtOnce) {
  Capture capture;
  {
    auto observation = observe("at once", ObservationType::generation);
    observation.set_usage("total", 1)
        .set_usage_details({{usage_kind::input, 812}, {usage_kind::output, 24u}, {"total", 836}});
    observation.set_usage_details(
        std::map<std::string, int>{{"input_cached_tokens", 640}, {"", 1}, {"output", -1}});
    observation.set_cost_details({{"total", 0.5}, {"input", std::nan("")}});
    observation.set_cost_details(
        std::vector<std::pair<std::string_view, double>>{{"output", 0.25}});
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.usage_details"),
            R"({"input":812,"total":836,"input_cached_tokens":640,"output":0})");
  EXPECT_EQ(span.text("langfuse.observation.cost_details"), R"({"total":0.5,"output":0.25})");
}

TEST(ObservedValues, LinkAPromptToGenerationsOnly) {
  Capture capture;
  for (int type = 0; type <= static_cast<int>(ObservationType::guardrail); ++type) {
    auto observation = observe("linked", static_cast<ObservationType>(type));
    observation.set_prompt("greeting", 3);
  }

  for (const DecodedSpan& span : capture.spans()) {
    const bool is_linked = span.text("langfuse.observation.type") == "generation";
    EXPECT_EQ(span.attribute("langfuse.observation.prompt.name"),
              is_linked ? "\"greeting\"" : "<absent>");
    EXPECT_EQ(span.attribute("langfuse.observation.prompt.version"), is_linked ? "3" : "<absent>");
  }
}

TEST(ObservedValues, LinkThePromptThatWasSetLast) {
  Capture capture;
  {
    auto observation = observe("linked", ObservationType::generation);
    observation.set_prompt("a long name", 1).set_prompt("b\xFF", 65'535);
    observation.set_prompt("", 1).set_prompt("c", 0).set_prompt("c", -1).set_prompt("c", 65'536);
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.prompt.name"), "b\xEF\xBF\xBD");
  EXPECT_EQ(span.attribute("langfuse.observation.prompt.version"), "65535");
}

TEST(ObservedValues, HaveNoCompletionStartAtTheEpochOrBefore) {
  Capture capture;
  {
    auto observation = observe("refused", ObservationType::generation);
    observation.set_completion_start_time(0).set_completion_start_time(-1);
  }

  EXPECT_EQ(capture.only_span().attribute("langfuse.observation.completion_start_time"),
            "<absent>");
}

TEST(ObservedValues, OfTwentyMegabytesAreCut) {
  Capture capture;
  {
    auto observation = observe("large");
    observation.set_input(std::string(20'000'000, 'x'));
  }

  const std::string input = capture.only_span().text("langfuse.observation.input");
  EXPECT_EQ(input.size(),
            1024u * 1024 + std::string("\xE2\x80\xA6[truncated 18951424 bytes]").size());
  EXPECT_EQ(input.substr(1024 * 1024), "\xE2\x80\xA6[truncated 18951424 bytes]");
}

TEST(ObservedValues, MayBeThousands) {
  constexpr int many = 3000;
  Capture capture;
  {
    auto observation = observe("many");
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < many; ++i) observation.set_metadata(std::to_string(i), i + round);
    }
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.attributes.size(), 3u + many);
  EXPECT_EQ(metadata(span, "0"), "1");
  EXPECT_EQ(metadata(span, "2999"), "3000");
}

TEST(ObservedValues, OfModelParametersAreJsonWhateverTheNumber) {
  Capture capture;
  {
    auto observation = observe("parameters", ObservationType::generation);
    observation.set_model_parameter("nan", std::nan(""))
        .set_model_parameter("infinity", -std::numeric_limits<double>::infinity())
        .set_model_parameter("large", std::numeric_limits<std::uint64_t>::max())
        .set_model_parameter("exact", std::int64_t{1} << 53)
        .set_model_parameter("beyond", -(std::int64_t{1} << 53) - 1)
        .set_model_parameter("small", 1e-7)
        .set_model_parameter("json", Point{1, 2});
  }

  EXPECT_EQ(
      capture.only_span().text("langfuse.observation.model.parameters"),
      R"({"nan":"NaN","infinity":"-Infinity","large":"18446744073709551615","exact":9007199254740992,"beyond":"-9007199254740993","small":1e-07,"json":"{\"x\":1,\"y\":2}"})");
}

// `0` and `false` as native values vanish on servers with the older tables.
TEST(ObservedValues, OfInputAndOutputAreText) {
  const std::vector<std::pair<Value, std::string>> cases = {
      {0, "0"},
      {-7, "-7"},
      {false, "false"},
      {true, "true"},
      {0.0, "0"},
      {-0.0, "0"},
      {0.5, "0.5"},
      {1e6, "1000000"},
      {3.0f, "3"},
      {1e300, "1e+300"},
      {std::nan(""), "NaN"},
      {-std::numeric_limits<double>::infinity(), "-Infinity"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
      {std::numeric_limits<std::uint64_t>::max(), "18446744073709551615"}};
  for (const bool is_masked : {false, true}) {
    Settings settings = capture_settings();
    if (is_masked) settings.mask = [](std::string_view text) { return std::string(text); };
    Capture capture(settings);
    for (const auto& entry : cases) {
      auto observation = observe("scalars");
      observation.set_input(entry.first).set_output(entry.first);
    }

    const std::vector<DecodedSpan> spans = capture.spans();
    ASSERT_EQ(spans.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const std::string expected = "\"" + cases[i].second + "\"";
      EXPECT_EQ(spans[i].attribute("langfuse.observation.input"), expected);
      EXPECT_EQ(spans[i].attribute("langfuse.observation.output"), expected);
    }
  }
}

TEST(ObservedValues, OfOtherTypesAreTheJsonThatTheirTypeWrites) {
  Capture capture;
  {
    auto observation = observe("json");
    observation.set_input(Point{3, -4});
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.input"), R"({"x":3,"y":-4})");
}

TEST(ObservedValues, SayWhenTheirTypeCouldNotWriteThem) {
  Capture capture;
  {
    auto observation = observe("unwritable");
    observation.set_input(Unwritable()).set_output("afterwards");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.input"), "<not serializable>");
  EXPECT_EQ(span.text("langfuse.observation.output"), "afterwards");
}

TEST(ObservedValues, MayEndTheirOwnObservation) {
  Capture capture;
  {
    auto observation = observe("rude");
    observation.set_input(Rude{&observation});
    auto next = observe("next");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].attribute("langfuse.observation.metadata.set by a value.x"), "1");
  EXPECT_EQ(spans[0].attribute("langfuse.observation.metadata.set by a value.y"), "2");
  EXPECT_EQ(spans[0].attribute("langfuse.observation.input"), "<absent>");
  EXPECT_EQ(spans[1].attribute("langfuse.observation.input"), "<absent>");
}

}  // namespace
}  // namespace internal
}  // namespace langfuse
