// What must hold for every body that anybody sends, used by the fuzzers and by the mutation test: a
// body is refused by `InvalidExport`, or all that is made of it can be stored and written. Anything
// else, an exception, a crash, a sanitizer's finding, is a fault.

#pragma once

#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "receiver/spans/linter.h"
#include "receiver/spans/otlp_json.h"
#include "receiver/spans/otlp_protobuf.h"
#include "receiver/spans/span_conversion.h"

namespace langfuse_test {

// Returns the number of spans, 0 too if the body was refused.
template <typename Decode>
std::size_t decode_and_convert(std::string_view body, Decode decode) {
  try {
    const std::vector<langfuse_receiver::ReceivedSpan> spans = decode(body);
    for (const langfuse_receiver::ReceivedSpan& span : spans) {
      const langfuse_receiver::ObservationRow row =
          to_observation(span, {}, 1'790'000'000'000'000'000);
      // Stored as text; reading it back must work.
      for (const langfuse_receiver::Json* json :
           {&row.metadata, &row.tags, &row.warnings, &row.usage_details, &row.model_parameters}) {
        if (!langfuse_receiver::parse_json(langfuse_receiver::to_text(*json))) {
          std::abort();
        }
      }
    }
    return spans.size();
  } catch (const langfuse_receiver::InvalidExport&) {
    return 0;
  }
}

}  // namespace langfuse_test
