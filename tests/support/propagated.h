// What `propagate_attributes` gives to records: one example of everything, and how it looks in a
// span.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "tests/support/otlp_text.h"

namespace langfuse::internal {

inline void pass_through(std::string_view name, ObservationType type = ObservationType::span) {
  const auto observation = observe(name, type);
}

// Everything that can be propagated.
inline PropagatedAttributes& fill(PropagatedAttributes& attributes) {
  return attributes.set_user_id("u-7")
      .set_session_id("match-42")
      .set_trace_name("turn")
      .add_tag("npc")
      .add_tag("prod")
      .set_metadata("region", "eu")
      .set_version("1.4")
      .set_environment("staging")
      .set_prompt("greeting", 3);
}

// The attributes of a trace, each once, in the order of their keys.
inline std::string trace_text(const DecodedSpan& span) {
  std::map<std::string, std::string> sorted;
  for (const auto& [key, value] : span.attributes) {
    if (key.rfind("langfuse.observation.", 0) == 0 &&
        key.rfind("langfuse.observation.prompt", 0) != 0) {
      continue;
    }
    if (key == "langfuse.internal.is_app_root") continue;
    EXPECT_TRUE(sorted.emplace(key, value).second) << key;
  }
  std::string text;
  for (const auto& [key, value] : sorted) text += key + " = " + value + "\n";
  return text;
}

const std::string filled =
    "langfuse.environment = \"staging\"\n"
    "langfuse.trace.metadata.region = \"eu\"\n"
    "langfuse.trace.name = \"turn\"\n"
    "langfuse.trace.tags = [\"npc\", \"prod\"]\n"
    "langfuse.version = \"1.4\"\n"
    "session.id = \"match-42\"\n"
    "user.id = \"u-7\"\n";
const std::string filled_with_prompt =
    "langfuse.environment = \"staging\"\n"
    "langfuse.observation.prompt.name = \"greeting\"\n"
    "langfuse.observation.prompt.version = 3\n" +
    filled.substr(filled.find('\n') + 1);

inline std::map<std::string, std::string> by_name(const std::vector<DecodedSpan>& spans) {
  std::map<std::string, std::string> texts;
  for (const DecodedSpan& span : spans) {
    EXPECT_TRUE(texts.emplace(span.name, trace_text(span)).second) << span.name;
  }
  return texts;
}

}  // namespace langfuse::internal
