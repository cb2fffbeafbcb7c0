#include "langfuse/tracing/trace_url.h"

#include <gtest/gtest.h>

#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

TEST(TraceUrl, IsThePageOfTheProjectThatIsConfigured) {
  Settings settings = capture_settings();
  settings.base_url = "https://cloud.langfuse.com";
  settings.project_id = "clkpwwm0m000gmm094odg11gi";
  Capture capture(settings);

  EXPECT_EQ(trace_url(create_trace_id("order-4711")),
            "https://cloud.langfuse.com/project/clkpwwm0m000gmm094odg11gi/traces/"
            "173d0ddbff034193face7ce60d3f58b4");
}

TEST(TraceUrl, WithoutAProjectIsThePageThatFindsIt) {
  Settings settings = capture_settings();
  settings.base_url = "http://localhost:3000/langfuse";
  Capture capture(settings);

  EXPECT_EQ(trace_url(create_trace_id("order-4711")),
            "http://localhost:3000/langfuse/trace/173d0ddbff034193face7ce60d3f58b4");
}

TEST(TraceUrl, IsEmptyWhereThereIsNoTrace) {
  {
    Capture capture;
    EXPECT_EQ(trace_url(TraceId()), "");
  }
  Client::forget();
  EXPECT_EQ(trace_url(create_trace_id()), "");
}

}  // namespace
}  // namespace langfuse::internal
