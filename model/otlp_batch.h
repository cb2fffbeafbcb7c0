// The bytes before the records of a batch: `ExportTraceServiceRequest` up to the first span.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Encoded once. Used by the flusher thread only. Text is repaired to valid UTF-8; entries with an
// empty value are left out.
class OtlpBatchHeader {
 public:
  // `resource`: attribute key and text value. The scope is `langfuse-sdk` with `scope_version` and
  // an attribute `public_key`.
  OtlpBatchHeader(const std::vector<std::pair<std::string, std::string>>& resource,
                  std::string_view scope_version, std::string_view public_key);

  // Appends the bytes that precede `record_bytes` bytes of records. The records follow unchanged,
  // and complete the body.
  void append_to(std::string& body, std::size_t record_bytes) const;

 private:
  std::string resource_;  // the field `ResourceSpans.resource`
  std::string scope_;     // the field `ScopeSpans.scope`
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
