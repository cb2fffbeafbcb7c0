#include "langfuse/json.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <limits>
#include <string>

#include "tests/support/capture.h"
#include "tracing/bytes/json_text.h"

namespace langfuse::internal {
namespace {

template <class Json>
std::string text(const Json& value) {
  JsonBuffer buffer;
  buffer.max_bytes = 100'000'000;
  JsonText out = JsonTextAccess::make(&buffer);
  AsJson<Json>::write(value, out);
  EXPECT_EQ(buffer.full_size, buffer.view().size());
  return std::string(buffer.view());
}

TEST(Json, IsWrittenAsItsOwnDumpWouldBe) {
  for (const char* const given :
       {"null", "true", "false", "0", "-1", "18446744073709551615", "1.5", "\"text\"", "[]", "{}",
        "[[],{}]", R"({"a":[1,2,{"b":null}],"c":{"d":"\"\\\n"}})", R"([[[1],2],3,[4,[5]]])"}) {
    const nlohmann::json value = nlohmann::json::parse(given);

    EXPECT_EQ(text(value), value.dump());
  }
}

TEST(Json, KeepsTheOrderOfOrderedJson) {
  const nlohmann::ordered_json value = {{"z", 1}, {"a", 2}};

  EXPECT_EQ(text(value), R"({"z":1,"a":2})");
}

TEST(Json, WritesWhatIsNotFiniteAsText) {
  const nlohmann::json value = {std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity()};

  EXPECT_EQ(text(value), R"(["NaN","Infinity","-Infinity"])");
}

TEST(Json, RepairsKeysAndStrings) {
  const nlohmann::json value = {{"k\xFF", "v\xED\xA0\x80"}};

  EXPECT_EQ(text(value), "{\"k\xEF\xBF\xBD\":\"v\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}");
}

TEST(Json, WritesBinaryValuesAsNlohmannDoes) {
  for (const nlohmann::json& value : {nlohmann::json::binary({}), nlohmann::json::binary({1, 255}),
                                      nlohmann::json::binary({7}, 3)}) {
    EXPECT_EQ(text(value), value.dump());
  }
}

// `levels` arrays inside each other, built without recursion.
nlohmann::json nested(int levels) {
  nlohmann::json value = nlohmann::json::array();
  for (int i = 1; i < levels; ++i) {
    nlohmann::json outer = nlohmann::json::array();
    outer.push_back(std::move(value));
    value = std::move(outer);
  }
  return value;
}

TEST(Json, WritesTheDeepestLevelAndNamesWhatIsBelow) {
  EXPECT_EQ(text(nested(128)), std::string(128, '[') + std::string(128, ']'));
  EXPECT_EQ(text(nested(129)), std::string(128, '[') + "\"<too deep>\"" + std::string(128, ']'));
}

template <class F>
void run_on_small_stack(F f) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &attributes,
                [](void* argument) -> void* {
                  (*static_cast<F*>(argument))();
                  return nullptr;
                },
                &f),
            0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

TEST(Json, OfAHundredThousandLevelsFitsASmallStack) {
  Capture capture;

  run_on_small_stack([] {
    const nlohmann::json value = nested(100'000);
    auto observation = observe("deep");
    observation.set_input(value);
  });

  EXPECT_EQ(capture.only_span().text("langfuse.observation.input"),
            std::string(128, '[') + "\"<too deep>\"" + std::string(128, ']'));
}

TEST(Json, IsAValueWhereverOneIsTaken) {
  Capture capture;
  {
    const nlohmann::json value = {{"temperature", 0.25}};
    auto observation = observe("json");
    observation.set_input(value).set_output(nlohmann::json(7)).set_metadata("key", value);
    observation.set_model_parameter("nested", value);
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.input"), R"({"temperature":0.25})");
  EXPECT_EQ(span.attribute("langfuse.observation.output"), "\"7\"");
  EXPECT_EQ(span.attribute("langfuse.observation.metadata.key.temperature"), "0.25 (double)");
  EXPECT_EQ(span.text("langfuse.observation.model.parameters"),
            R"({"nested":"{\"temperature\":0.25}"})");
}

TEST(Json, ThatIsTooLongIsCutAtACharacterAndMarked) {
  Settings settings = capture_settings();
  settings.value_max_bytes = 6;
  Capture capture(settings);
  {
    auto observation = observe("long");
    observation.set_input(
        nlohmann::json("abcd\xE2\x82\xAC"
                       "efgh"));
  }

  // `"abcd€efgh"`: 13 bytes, the sign from the sixth to the eighth.
  EXPECT_EQ(capture.only_span().text("langfuse.observation.input"),
            "\"abcd\xE2\x80\xA6[truncated 8 bytes]");
}

// A long string is escaped piece by piece once it is known to be cut; no piece may end within a
// character.
TEST(Json, ThatIsTooLongKeepsItsCharactersWhole) {
  std::string long_text;
  for (int i = 0; i < 1000; ++i) long_text += i % 3 == 0 ? "\xF0\x9F\x98\x80" : "\xC3\xA9x";
  for (const std::size_t limit : {255u, 256u, 257u, 258u, 259u, 1000u, 2001u}) {
    Settings settings = capture_settings();
    settings.value_max_bytes = limit;
    Capture capture(settings);
    {
      auto observation = observe("long");
      observation.set_input(nlohmann::json(long_text));
    }

    const std::string value = capture.only_span().text("langfuse.observation.input");
    const std::size_t mark = value.find("\xE2\x80\xA6[truncated ");
    ASSERT_NE(mark, std::string::npos);
    EXPECT_LE(mark, limit);
    EXPECT_GT(mark + 4, limit);
    EXPECT_EQ(value.substr(0, mark), ("\"" + long_text).substr(0, mark));
    EXPECT_EQ(value.substr(mark),
              "\xE2\x80\xA6[truncated " + std::to_string(long_text.size() + 2 - mark) + " bytes]");
  }
}

}  // namespace
}  // namespace langfuse::internal
