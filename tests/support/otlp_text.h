// Our bytes as text, read by protobuf's own library: what golden tests compare.
//
// One line for each thing a span holds, in the order of the bytes:
//
//   span 0102…0f10 1112…1718 parent 2122…2728 "name"
//     kind 1, 1000 .. 2000
//     langfuse.observation.type = "span"
//     langfuse.internal.is_app_root = true
//     status 2 "message"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace langfuse::internal {

// A span, as protobuf read it.
struct DecodedSpan {
  std::string trace_id;  // hex
  std::string span_id;
  std::string parent_span_id;  // empty: none
  std::string name;
  int kind = 0;
  std::uint64_t start_unix_nano = 0;
  std::uint64_t end_unix_nano = 0;
  // Key and value, the value as text: strings in quotes, C-escaped; `no value` where there is none.
  std::vector<std::pair<std::string, std::string>> attributes;
  // One entry for each status in the bytes: its code and message.
  std::vector<std::pair<int, std::string>> statuses;

  // The value of the only attribute with that key; "<absent>" or "<n times>" otherwise.
  std::string attribute(std::string_view key) const;
  // The value without quotes, of an attribute that holds plain text.
  std::string text(std::string_view key) const;
  int count(std::string_view key) const;
};

struct DecodedBatch {
  std::string resource;  // `key = value` lines
  std::string scope;     // name, version, attributes in lines
  std::vector<DecodedSpan> spans;
};

// What a request body or the fields of one or more records hold. Fails the test when the bytes are
// not what they should be, unknown fields included.
DecodedBatch decode_request(std::string_view body);
std::vector<DecodedSpan> decode_records(std::string_view records);

// The text above.
std::string to_text(const DecodedSpan& span);
// Only the attributes and statuses.
std::string attributes_text(const DecodedSpan& span);

}  // namespace langfuse::internal
