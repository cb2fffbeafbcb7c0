#include "exporter/body.h"

#include "model/version.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::size_t total_size(const std::vector<RecordPtr>& records) noexcept {
  std::size_t total = 0;
  for (const RecordPtr& record : records) total += record->size;
  return total;
}

}  // namespace

void build_spans_body(const OtlpBatchHeader& header, const std::vector<RecordPtr>& records,
                      std::string& body) {
  const std::size_t size = total_size(records);
  body.clear();
  header.append_to(body, size);
  body.reserve(body.size() + size);
  for (const RecordPtr& record : records) body.append(record->bytes());
}

void build_scores_body(std::string_view public_key, const std::vector<RecordPtr>& records,
                       std::string& body) {
  body.clear();
  body.reserve(total_size(records) + records.size() + 256);
  body += "{\"batch\":[";
  for (const RecordPtr& record : records) {
    if (&record != &records.front()) body += ',';
    body.append(record->bytes());
  }
  body += "],\"metadata\":{\"batch_size\":" + std::to_string(records.size()) +
          ",\"sdk_name\":\"cpp\",\"sdk_version\":\"" + version_text + "\",\"public_key\":\"";
  for (const char character : public_key) {
    if (character == '"' || character == '\\') body += '\\';
    body += character;
  }
  body += "\"}}";
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
