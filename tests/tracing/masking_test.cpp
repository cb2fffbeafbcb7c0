#include "tracing/masking.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "langfuse/json.h"
#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

// Replaces every 4711.
std::string without_secret(std::string_view text) {
  std::string result(text);
  for (std::size_t at = 0; (at = result.find("4711")) != std::string::npos;) {
    result.replace(at, 4, "****");
  }
  return result;
}

Settings settings_with(std::function<std::string(std::string_view)> mask) {
  Settings settings = capture_settings();
  settings.mask = std::move(mask);
  return settings;
}

TEST(Mask, ThatIsObservedItselfMasksItsOwnValuesWhole) {
  Capture capture(settings_with([](std::string_view text) {
    auto inside = observe("mask");
    inside.set_input(text);
    return without_secret(text);
  }));
  {
    auto outside = observe("outside");
    outside.set_input("pin 4711");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].text("langfuse.observation.input"),
            "<fully masked: set by the mask function>");
  EXPECT_EQ(spans[1].text("langfuse.observation.input"), "pin ****");
}

TEST(Mask, IsAppliedToEveryContentAndToNothingElse) {
  Capture capture(settings_with(without_secret));
  {
    const auto scope = propagate_attributes(
        PropagatedAttributes().set_user_id("u-4711").set_metadata("k", "4711"));
    auto observation = observe("name 4711", ObservationType::generation);
    observation.set_input("pin 4711")
        .set_output(nlohmann::json{{"pin", "4711"}})
        .set_metadata("pin", 4711)
        .set_metadata("other", 12)
        .set_metadata("flag", true)
        .set_status_message("pin 4711 refused")
        .set_model("model-4711");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "name 4711");
  EXPECT_EQ(span.text("langfuse.observation.input"), "pin ****");
  EXPECT_EQ(span.text("langfuse.observation.output"), "{\"pin\":\"****\"}");
  EXPECT_EQ(span.attribute("langfuse.observation.metadata.pin"), "\"****\"");
  EXPECT_EQ(span.attribute("langfuse.observation.metadata.other"), "12");
  EXPECT_EQ(span.attribute("langfuse.observation.metadata.flag"), "true");
  EXPECT_EQ(span.text("langfuse.observation.status_message"), "pin **** refused");
  EXPECT_EQ(span.text("langfuse.observation.model.name"), "model-4711");
  EXPECT_EQ(span.text("user.id"), "u-4711");
  EXPECT_EQ(span.text("langfuse.trace.metadata.k"), "****");
}

TEST(Mask, SeesTheWholeTextOfTokensAndOfExceptions) {
  Capture capture(settings_with(without_secret));
  {
    auto streamed = observe("streamed");
    streamed.on_token("pin 47").on_token("11");
  }
  {
    auto failed = observe("failed");
    try {
      throw std::runtime_error("pin 4711 refused");
    } catch (const std::exception&) {
      failed.record_exception();
    }
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].text("langfuse.observation.output"), "pin ****");
  EXPECT_EQ(spans[1].text("langfuse.observation.status_message"),
            "std::runtime_error: pin **** refused");
}

TEST(Mask, IsAppliedToLogMessages) {
  Capture capture(settings_with(without_secret));
  auto scope = observe("scope");
  LogLine line;
  line.severity = Severity::error;
  line.message = "pin 4711";

  submit(line);

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.input"), "pin ****");
  EXPECT_EQ(span.text("langfuse.observation.status_message"), "pin ****");
  EXPECT_EQ(span.statuses.at(0).second, "pin ****");
}

TEST(Mask, ThatThrowsMasksEverything) {
  Capture capture(settings_with([](std::string_view) -> std::string { throw 1; }));
  {
    auto observation = observe("observation");
    observation.set_input("secret").set_metadata("n", 1);
    submit(LogLine());
  }

  const std::string masked = "<fully masked due to failed mask function>";
  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].text("langfuse.observation.input"), masked);
  EXPECT_EQ(spans[1].text("langfuse.observation.input"), masked);
  EXPECT_EQ(spans[1].text("langfuse.observation.metadata.n"), masked);
}

TEST(Mask, MayLogAndUseTheLibraryItself) {
  Capture capture(settings_with([](std::string_view text) {
    submit(LogLine());
    EXPECT_EQ(flush().status, FlushStatus::would_deadlock);
    return std::string(text);
  }));
  {
    auto observation = observe("observation");
    observation.set_input("question");
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.input"), "question");
}

TEST(Mask, MayEndTheObservation) {
  Observation observation;
  Capture capture(settings_with([&](std::string_view text) {
    observation.end();
    return std::string(text);
  }));
  observation = observe("observation");

  observation.set_input("too late");

  EXPECT_EQ(capture.only_span().attribute("langfuse.observation.input"), "<absent>");
}

TEST(Mask, ComesBeforeTheCut) {
  Settings settings =
      settings_with([](std::string_view text) { return std::string(2 * text.size(), 'm'); });
  settings.value_max_bytes = 10;
  Capture capture(settings);
  {
    auto observation = observe("cut");
    observation.set_input(std::string(20, 's'));
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.input"),
            "mmmmmmmmmm\xE2\x80\xA6[truncated 30 bytes]");
  EXPECT_EQ(capture.client().stats().truncated, 1u);
}

// A JSON text of the user's.
struct LongJson {
  std::string text;
};

}  // namespace
}  // namespace langfuse::internal

template <>
struct langfuse::AsJson<langfuse::internal::LongJson> {
  static void write(const langfuse::internal::LongJson& json, JsonText& out) {
    out.append_string(json.text);
  }
};

namespace langfuse::internal {
namespace {

// Of tokens and JSON that are too long only the beginning is kept: where that ends, a mask would
// not know the half of a secret that is left.
TEST(Mask, LeavesNoHalfOfASecretWhereALongTextEnds) {
  constexpr std::size_t limit = 100;
  const std::string secret = "sk-0123456789-abcdefghij";
  Settings settings = settings_with([&secret](std::string_view text) {
    std::string result(text);
    for (std::size_t at = 0; (at = result.find(secret)) != std::string::npos;) {
      result.replace(at, secret.size(), "*");
    }
    return result;
  });
  settings.value_max_bytes = limit;
  Capture capture(settings);
  for (std::size_t before = 0; before < 6000; before += before < 130 ? 1 : 97) {
    // Secrets in front, which the mask makes shorter, move what comes behind towards the limit.
    std::string text = before % 2 == 0 ? std::string(before, 'x') : std::string();
    while (text.size() + secret.size() < before) text += secret;
    text.resize(before, 'x');
    text += secret + std::string(300, 'y');
    auto observation = observe("long");
    observation.set_input(LongJson{text}).set_metadata("k", LongJson{text});
    for (std::size_t at = 0; at < text.size(); at += 7) {
      observation.on_token(std::string_view(text).substr(at, 7));
    }
  }

  for (const DecodedSpan& span : capture.spans()) {
    for (const char* const key : {"langfuse.observation.input", "langfuse.observation.output",
                                  "langfuse.observation.metadata.k"}) {
      const std::string sent = span.text(key);
      EXPECT_EQ(sent.find("sk"), std::string::npos) << sent;
      EXPECT_NE(sent.find("\u2026[truncated "), std::string::npos) << sent;
    }
  }
}

TEST(Mask, ThatReplacesALongTextIsSentWhole) {
  Settings settings = settings_with([](std::string_view) { return std::string("gone"); });
  settings.value_max_bytes = 100;
  Capture capture(settings);
  {
    auto observation = observe("long");
    for (int i = 0; i < 1000; ++i) observation.on_token("0123456789");
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.output").substr(0, 7), "gone\u2026");
}

}  // namespace
}  // namespace langfuse::internal
