#include "model/otlp_batch.h"

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/protobuf_writer.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Field numbers: opentelemetry/proto/collector/trace/v1/trace_service.proto, trace/v1/trace.proto
// and common/v1/common.proto.
constexpr int resource_spans_field = 1;  // of `ExportTraceServiceRequest`
constexpr int resource_field = 1;        // of `ResourceSpans`
constexpr int scope_spans_field = 2;
constexpr int scope_field = 1;       // of `ScopeSpans`
constexpr int scope_name_field = 1;  // of `InstrumentationScope`
constexpr int scope_version_field = 2;

void append_field(std::string& out, int field, std::size_t size) {
  char head[11];
  const char* const end = write_length_field(head, field, size);
  out.append(head, static_cast<std::size_t>(end - head));
}

void append_text_field(std::string& out, int field, const std::string& text) {
  if (text.empty()) return;
  append_field(out, field, text.size());
  out += text;
}

}  // namespace

OtlpBatchHeader::OtlpBatchHeader(const std::vector<std::pair<std::string, std::string>>& resource,
                                 std::string_view scope_version, std::string_view public_key) {
  std::string attributes;
  for (const auto& [key, text] : resource) {
    if (text.empty()) continue;
    append_text_attribute(attributes, key, text, resource_attributes_field);
  }
  append_field(resource_, resource_field, attributes.size());
  resource_ += attributes;

  std::string scope;
  append_text_field(scope, scope_name_field, std::string(scope_name));
  append_text_field(scope, scope_version_field, repaired(scope_version));
  if (!public_key.empty()) {
    append_text_attribute(scope, keys::scope_public_key.text(), public_key, scope_attributes_field);
  }
  append_field(scope_, scope_field, scope.size());
  scope_ += scope;
}

void OtlpBatchHeader::append_to(std::string& body, std::size_t record_bytes) const {
  const std::size_t scope_spans = scope_.size() + record_bytes;
  append_field(body, resource_spans_field, resource_.size() + length_field_size(scope_spans));
  body += resource_;
  append_field(body, scope_spans_field, scope_spans);
  body += scope_;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
