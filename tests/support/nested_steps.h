// Steps inside steps, each named after its depth: what tests of many switches look at afterwards.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/otlp_text.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// How many of the steps are not below one of the depth above theirs, in the same trace.
inline int wrong_parents(const std::vector<DecodedSpan>& spans) {
  std::map<std::string, const DecodedSpan*> by_id;
  for (const DecodedSpan& span : spans) by_id[span.span_id] = &span;
  int wrong = 0;
  for (const DecodedSpan& span : spans) {
    const int depth = std::stoi(span.name);
    if (depth == 0) {
      wrong += span.parent_span_id.empty() ? 0 : 1;
      continue;
    }
    const auto parent = by_id.find(span.parent_span_id);
    const bool is_right = parent != by_id.end() && parent->second->trace_id == span.trace_id &&
                          parent->second->name == std::to_string(depth - 1);
    wrong += is_right ? 0 : 1;
  }
  return wrong;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
