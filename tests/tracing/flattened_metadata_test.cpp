// A JSON object as metadata is one attribute for each path in it: what a server filters by.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "langfuse/json.h"
#include "langfuse/tracing/current_observation.h"
#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"

namespace langfuse {
namespace {

// Written as it is, valid or not.
struct Raw {
  std::string json;
};

}  // namespace

template <>
struct AsJson<Raw> {
  static void write(const Raw& value, JsonText& out) { out.append(value.json); }
};

namespace internal {
namespace {

using Json = nlohmann::json;

const std::string prefix = "langfuse.observation.metadata.";

// The metadata of a span, as `name = value` lines.
std::string metadata_of(const DecodedSpan& span) {
  std::string text;
  for (const auto& [key, value] : span.attributes) {
    if (key.rfind(prefix, 0) == 0) text += key.substr(prefix.size()) + " = " + value + "\n";
  }
  return text;
}

template <class... Values>
std::string metadata_from(const Values&... values) {
  Capture capture;
  {
    auto observation = observe("observation");
    (observation.set_metadata("k", values), ...);
  }
  EXPECT_EQ(capture.client().stats().lost_values, 0u);
  return metadata_of(capture.only_span());
}

TEST(FlattenedMetadata, HaveAPathForEachValueWithItsType) {
  EXPECT_EQ(metadata_from(Raw{R"( { "a" : { "b" : 1 , "c" : { "d" : "text" } } ,
                                    "no" : false, "yes": true, "ratio": 0.5 , "small":-7,
                                    "null" : null, "list": [ 1, {"x": 2} ], "empty": {},
                                    "none": [], "large": 3000000000,
                                    "larger": 18446744073709551615,
                                    "largest": 123456789012345678901234567890,
                                    "exponent": 1e3, "beyond": 1e999 } )"}),
            "k.a.b = 1\n"
            "k.a.c.d = \"text\"\n"
            "k.no = false\n"
            "k.yes = true\n"
            "k.ratio = 0.5 (double)\n"
            "k.small = -7 (double)\n"
            "k.null = \"null\"\n"
            "k.list = \"[ 1, {\\\"x\\\": 2} ]\"\n"
            "k.empty = \"{}\"\n"
            "k.none = \"[]\"\n"
            "k.large = 3000000000 (double)\n"
            "k.larger = \"18446744073709551615\"\n"
            "k.largest = \"123456789012345678901234567890\"\n"
            "k.exponent = 1000 (double)\n"
            "k.beyond = \"1e999\"\n");
}

TEST(FlattenedMetadata, AreTextsWithoutTheirEscapes) {
  EXPECT_EQ(metadata_from(Raw{R"({"\u0061\"\\": "\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00z"})"}),
            metadata_from(Json{{"a\"\\", "\"\\/\b\f\n\r\t\u00e9\u20ac\U0001F600z"}}));
  Capture capture;
  {
    auto observation = observe("observation");
    observation.set_metadata("k", Json{{"t", "line\n\"quoted\" \u20ac"}});
  }
  EXPECT_EQ(capture.only_span().attributes.back().first, prefix + "k.t");
}

TEST(FlattenedMetadata, AreNoneOfWhatIsNoObject) {
  EXPECT_EQ(metadata_from(Json::array({1, 2})), "k = \"[1,2]\"\n");
  EXPECT_EQ(metadata_from(Json("text")), "k = \"\\\"text\\\"\"\n");
  EXPECT_EQ(metadata_from(Json::object()), "k = \"{}\"\n");
  EXPECT_EQ(metadata_from(std::string(R"({"a":1})")), "k = \"{\\\"a\\\":1}\"\n") << "a text";
  for (const char* json :
       {R"({"a":1)", R"({"a":1}})", R"({a:1})", R"({"a":"\ud83d"})", "{\"a\":\"\xFF\"}"}) {
    EXPECT_EQ(metadata_from(Raw{json}).substr(0, 5), "k = \"") << json;
  }
}

TEST(FlattenedMetadata, AreReplacedAsAWhole) {
  EXPECT_EQ(metadata_from(Json{{"a", 1}, {"b", 2}}, Json{{"b", 3}, {"c", 4}}),
            "k.b = 3\nk.c = 4\n");
  EXPECT_EQ(metadata_from(Json{{"a", {{"b", 1}}}}, "text"), "k = \"text\"\n");
  EXPECT_EQ(metadata_from(Json{{"a", 1}}, 7), "k = 7\n");
  EXPECT_EQ(metadata_from(Json{{"a", 1}}, Json::array({1})), "k = \"[1]\"\n");
  EXPECT_EQ(metadata_from("text", Json{{"a", 1}}), "k.a = 1\n");
  Capture capture;
  {
    auto observation = observe("observation");
    observation.set_metadata("k", Json{{"a", {{"x", 1}}}, {"b", 2}}).set_metadata("kk", "stays");
    observation.set_metadata("k.a", "replaced").set_metadata("k.own", "stays");
    observation.set_metadata("k\xFF", Json{{"a", 1}}).set_metadata("k\xFE", Json{{"b", 1}});
  }
  EXPECT_EQ(metadata_of(capture.only_span()),
            "k.b = 2\nkk = \"stays\"\nk.a = \"replaced\"\nk.own = \"stays\"\n"
            "k\xEF\xBF\xBD.b = 1\n");
}

// The server drops such a name without a word, and no path has an empty one.
TEST(FlattenedMetadata, KeepObjectsWholeThatHaveNamesWithoutAPath) {
  EXPECT_EQ(metadata_from(Raw{R"({"a":{"__proto__":1,"b":2},"c":3})"}),
            "k.a = \"{\\\"__proto__\\\":1,\\\"b\\\":2}\"\nk.c = 3\n");
  EXPECT_EQ(metadata_from(Raw{R"({"x.constructor":1})"}), "k = \"{\\\"x.constructor\\\":1}\"\n");
  EXPECT_EQ(metadata_from(Raw{R"({"\u005f_proto__":1})"}),
            "k = \"{\\\"\\\\u005f_proto__\\\":1}\"\n");
  EXPECT_EQ(metadata_from(Raw{R"({"a":{"":1}})"}), "k.a = \"{\\\"\\\":1}\"\n");
}

TEST(FlattenedMetadata, LeaveTheServersOwnNamesAlone) {
  Capture capture;
  {
    auto observation = observe("observation");
    observation.set_metadata("scope", Json{{"name", "x"}});
  }

  EXPECT_EQ(metadata_of(capture.only_span()), "scope = \"{\\\"name\\\":\\\"x\\\"}\"\n");
}

TEST(FlattenedMetadata, AreJsonAgainWhereTheyAreTooDeep) {
  std::string json = "1";
  for (int i = 0; i < 12; ++i) json = "{\"n\":" + json + "}";

  EXPECT_EQ(metadata_from(Raw{json}), "k.n.n.n.n.n.n.n.n.n.n = \"{\\\"n\\\":{\\\"n\\\":1}}\"\n");
}

TEST(FlattenedMetadata, AreOneTextWhenTheyAreTooMany) {
  Json most = Json::object();
  for (int i = 0; i < 128; ++i) most[std::to_string(i)] = i;
  Json more = most;
  more["128"] = 128;
  Capture capture;
  {
    auto observation = observe("observation");
    observation.set_metadata("most", most).set_metadata("more", more);
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.attribute(prefix + "most.127"), "127");
  EXPECT_EQ(span.count(prefix + "most"), 0);
  EXPECT_EQ(span.count(prefix + "more.127"), 0);
  EXPECT_EQ(span.count(prefix + "more"), 1);
}

TEST(FlattenedMetadata, AreOneCutTextWhenTheyAreTooLong) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 40;
  Capture capture(settings);
  {
    auto observation = observe("observation");
    observation.set_metadata("k", Json{{"a", std::string(100, 'x')}});
  }

  EXPECT_EQ(capture.only_span().text(prefix + "k").rfind("\xE2\x80\xA6[truncated 68 bytes]"), 40u);
  EXPECT_EQ(capture.client().stats().truncated, 1u);
}

// The mask sees the object as a whole; what it leaves of it has its paths.
TEST(FlattenedMetadata, AreMaskedBefore) {
  Settings settings = capture_settings();
  settings.mask = [](std::string_view text) {
    std::string masked(text);
    const std::size_t at = masked.find("4711");
    if (at != std::string::npos) masked.replace(at, 4, "****");
    return masked.find("all") != std::string::npos ? std::string("gone") : masked;
  };
  Capture capture(settings);
  {
    auto observation = observe("observation");
    observation.set_metadata("k", Json{{"pin", "4711"}, {"n", 1}});
    observation.set_metadata("j", Json{{"hide", "all"}});
  }

  EXPECT_EQ(metadata_of(capture.only_span()), "k.n = 1\nk.pin = \"****\"\nj = \"gone\"\n");
}

TEST(FlattenedMetadata, ComeThroughTheCurrentObservationToo) {
  Capture capture;
  {
    auto observation = observe("observation");
    current_observation().set_metadata("k", Json{{"a", {{"b", true}}}});
  }

  EXPECT_EQ(metadata_of(capture.only_span()), "k.a.b = true\n");
}

// A state is used again: nothing of an earlier observation's paths is left.
TEST(FlattenedMetadata, AreForgottenWithTheirObservation) {
  Capture capture;
  for (int i = 0; i < 2; ++i) {
    auto observation = observe("observation");
    if (i == 0) observation.set_metadata("k", Json{{"a", 1}});
    if (i == 1) observation.set_metadata("k.a", "stays").set_metadata("k", "text");
  }

  EXPECT_EQ(metadata_of(capture.spans().at(1)), "k.a = \"stays\"\nk = \"text\"\n");
}

// Two values for one path: which of them the object means is for its reader to say.
TEST(FlattenedMetadata, StayWholeWhereTwoValuesHaveOnePath) {
  for (const char* const json : {
           R"({"a":1,"a":2})",
           R"({"a":1,"a":{"b":2}})",
           R"({"a":{"b":2},"a":1})",
           R"({"a":{"b":1},"a":{"c":2}})",
           R"({"a.b":1,"a":{"b":2}})",
           R"({"a":{"b":2},"a.b":{"c":1}})",
           R"({"\u0061":1,"x":3,"a":2})",
           R"({"x":{"y":{"a":1,"b":2,"a":1}}})",
       }) {
    Capture capture;
    {
      auto observation = observe("observation");
      observation.set_metadata("k", Raw{json});
    }
    const std::string metadata = metadata_of(capture.only_span());
    EXPECT_EQ(metadata.find("k = \"{"), 0u) << metadata;
    EXPECT_EQ(std::count(metadata.begin(), metadata.end(), '\n'), 1) << metadata;
  }
}

// With a mask, more of the text is kept than is sent.
TEST(FlattenedMetadata, AreOneTextBeyondTheLimitOfAValueWithAMaskToo) {
  for (const bool is_masked : {false, true}) {
    for (const std::size_t beyond : {0u, 1u, 4u, 100u, 5000u}) {
      Settings settings = capture_settings();
      settings.value_max_bytes = 64;
      if (is_masked) settings.mask = [](std::string_view text) { return std::string(text); };
      Capture capture(settings);
      const std::string json = "{\"a\":1,\"b\":\"" + std::string(64 + beyond - 14, 'x') + "\"}";
      ASSERT_EQ(json.size(), 64 + beyond);
      {
        auto observation = observe("observation");
        observation.set_metadata("k", Raw{json});
      }
      const std::string metadata = metadata_of(capture.only_span());
      EXPECT_EQ(metadata.find("k.a = 1") == 0, beyond == 0) << metadata;
      EXPECT_EQ(metadata.find("[truncated ") != std::string::npos, beyond != 0) << metadata;
    }
  }
}

}  // namespace
}  // namespace internal
}  // namespace langfuse
