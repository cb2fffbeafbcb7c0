#include "sinks/line_image.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

LogLine line_of(std::string_view logger, std::uint64_t thread_id = 7) {
  LogLine line;
  line.message = "message";
  line.logger = logger;
  line.thread_id = thread_id;
  return line;
}

// What the lines of a test say of their origin: `logger thread environment`.
std::string origins(const std::vector<DecodedSpan>& spans) {
  std::string text;
  for (const DecodedSpan& span : spans) {
    if (span.name.rfind("log.", 0) != 0) continue;
    text += span.text("langfuse.observation.metadata.logger") + " " +
            span.attribute("langfuse.observation.metadata.thread") + " " +
            span.text("langfuse.environment") + "\n";
  }
  return text;
}

Settings staging_settings() {
  Settings settings = capture_settings();
  settings.environment = "staging";
  return settings;
}

TEST(LineImage, IsAnotherForAnotherLoggerOrThread) {
  Capture capture(staging_settings());
  const auto scope = observe("scope");
  for (const char* const logger : {"one", "two", "two", "", "one"}) submit(line_of(logger));
  submit(line_of("one", 8));
  submit(line_of("one", 0));

  EXPECT_EQ(origins(capture.spans()),
            "one 7 staging\n"
            "two 7 staging\n"
            "two 7 staging\n"
            "<absent> 7 staging\n"
            "one 7 staging\n"
            "one 8 staging\n"
            "one <absent> staging\n");
}

// Names are compared, not addresses: a logging library may use its buffer again.
TEST(LineImage, IsAnotherForAnotherNameInTheSamePlace) {
  Capture capture(staging_settings());
  const auto scope = observe("scope");
  std::string name = "before";
  submit(line_of(name));
  name = "behind";
  submit(line_of(name));

  EXPECT_EQ(origins(capture.spans()), "before 7 staging\nbehind 7 staging\n");
}

TEST(LineImage, IsAnotherForAnotherClient) {
  {
    Capture capture(staging_settings());
    submit(line_of("app"));
  }
  Settings settings = capture_settings();
  settings.environment = "production";
  Capture capture(settings);
  submit(line_of("app"));

  EXPECT_EQ(origins(capture.spans()), "app 7 production\n");
}

TEST(LineImage, GivesWayToAnEnvironmentThatIsPropagated) {
  Capture capture(staging_settings());
  const auto scope = observe("scope");
  {
    const auto test = propagate_attributes(PropagatedAttributes().set_environment("test"));
    submit(line_of("app"));
  }
  submit(line_of("app"));

  EXPECT_EQ(origins(capture.spans()), "app 7 test\napp 7 staging\n");
}

TEST(LineImage, IsNotNeeded) {
  Settings settings = staging_settings();
  settings.release = std::string(500, 'r');  // longer than an image
  Capture capture(settings);
  const auto scope = observe("scope");
  const std::string long_name(100, 'n');

  submit(line_of("app"));
  submit(line_of(long_name));

  const std::vector<DecodedSpan> spans = capture.spans();
  EXPECT_EQ(origins(spans), "app 7 staging\n" + long_name + " 7 staging\n");
  for (const DecodedSpan& span : spans) {
    EXPECT_EQ(span.text("langfuse.release"), settings.release);
    EXPECT_EQ(span.count("langfuse.observation.metadata.sequence"), 1);
  }
}

TEST(LineImage, IsRepairedButNotCut) {
  Settings settings = staging_settings();
  settings.value_max_bytes = 8;
  Capture capture(settings);
  const auto scope = observe("scope");
  submit(line_of("bad\xFF"));
  submit(line_of("bad\xFF"));
  submit(line_of("much too long"));
  submit(line_of("much too long"));

  EXPECT_EQ(origins(capture.spans()),
            "bad\xEF\xBF\xBD 7 staging\n"
            "bad\xEF\xBF\xBD 7 staging\n"
            "much too\xE2\x80\xA6[truncated 5 bytes] 7 staging\n"
            "much too\xE2\x80\xA6[truncated 5 bytes] 7 staging\n");
  EXPECT_EQ(capture.client().stats().truncated, 2u);
}

// As for a signal handler that logs while a line is encoded.
TEST(LineImage, IsBorrowedByOneLineAtATime) {
  Capture capture;
  const LogLine line = line_of("app");
  const LogLine other = line_of("other");
  {
    const LineImage image(capture.client(), line);
    const LineImage inner(capture.client(), other);

    EXPECT_TRUE(image.is_for(1));
    EXPECT_FALSE(inner.is_for(1));
    std::thread([&] { EXPECT_TRUE(LineImage(capture.client(), other).is_for(1)); }).join();
  }

  EXPECT_TRUE(LineImage(capture.client(), other).is_for(1));
}

// Those that a server before 3.214 would misread are written the general way.
TEST(LineImage, HasRoomForPlainNumbersOnly) {
  Capture capture;
  const LineImage image(capture.client(), line_of("app"));

  EXPECT_TRUE(image.is_for((std::uint64_t{1} << 31) - 1));
  EXPECT_FALSE(image.is_for(std::uint64_t{1} << 31));
}

}  // namespace
}  // namespace langfuse::internal
