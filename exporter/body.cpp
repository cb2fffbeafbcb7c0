#include "exporter/body.h"

#include "model/version.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

void build_spans_body(const OtlpBatchHeader& header, const RecordRuns& records, std::string& body) {
  const std::size_t size = records.bytes();
  body.clear();
  header.append_to(body, size);
  body.reserve(body.size() + size);
  records.append_to(body);
}

std::vector<std::string_view> spans_body_in_pieces(const OtlpBatchHeader& header,
                                                   const RecordRuns& records, std::string& head) {
  head.clear();
  header.append_to(head, records.bytes());
  std::vector<std::string_view> pieces;
  pieces.reserve(records.runs() + 1);
  pieces.push_back(head);
  records.append_to(pieces);
  return pieces;
}

void build_scores_body(std::string_view public_key, const RecordRuns& records, std::string& body) {
  body.clear();
  body.reserve(records.bytes() + records.size() + 256);
  body += "{\"batch\":[";
  records.for_each([&](const Record& record) {
    if (&record != &records.front()) body += ',';
    body.append(record.bytes());
  });
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
