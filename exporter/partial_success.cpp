#include "exporter/partial_success.h"

#include <charconv>
#include <string_view>

#include "exporter/json_walk.h"
#include "exporter/reply_body.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::uint64_t at_least_none(std::int64_t count) noexcept {
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

// A number is an int64, which JSON's mapping of protobuf writes as a text, and some as a number.
std::uint64_t count_in(const JsonScalar& scalar) noexcept {
  if (scalar.kind == JsonScalar::Kind::integer) return at_least_none(scalar.integer);
  std::int64_t count = 0;
  const char* const end = scalar.text.data() + scalar.text.size();
  const auto read = std::from_chars(scalar.text.data(), end, count);
  return read.ec == std::errc() && read.ptr == end ? at_least_none(count) : 0;
}

// Names are those of JSON's mapping, or protobuf's own, which writers may choose.
PartialSuccess read_json(std::string_view body) {
  PartialSuccess partial;
  walk_json(body, [&partial](const JsonScalar& scalar) {
    const std::size_t end = scalar.path.find('/', 1);
    if (end == std::string_view::npos) return;
    const std::string_view message = scalar.path.substr(0, end);
    if (message != "/partialSuccess" && message != "/partial_success") return;
    const std::string_view field = scalar.path.substr(end);
    if (field == "/rejectedSpans" || field == "/rejected_spans") {
      partial.rejected_spans = count_in(scalar);
    } else if (field == "/errorMessage" || field == "/error_message") {
      partial.words = scalar.text;
    }
  });
  return partial;
}

// One field of a protobuf message after the other, until it ends or breaks off.
class Fields {
 public:
  explicit Fields(std::string_view message) noexcept : rest_(message) {}

  // False at the end. Groups and unknown wire types end it, too.
  bool next() noexcept {
    std::uint64_t tag = 0;
    if (!read_varint(tag)) return false;
    number = tag >> 3;
    wire_type = static_cast<int>(tag & 7);
    bytes = {};
    switch (wire_type) {
      case varint_type:
        return read_varint(value);
      case fixed64_type:
        return skip(8);
      case bytes_type:
        return read_varint(value) && take(value);
      case fixed32_type:
        return skip(4);
      default:
        return false;
    }
  }

  static constexpr int varint_type = 0;
  static constexpr int fixed64_type = 1;
  static constexpr int bytes_type = 2;
  static constexpr int fixed32_type = 5;

  std::uint64_t number = 0;
  int wire_type = 0;
  std::uint64_t value = 0;  // of a varint
  std::string_view bytes;   // of bytes, or what there is of them

 private:
  bool read_varint(std::uint64_t& result) noexcept {
    result = 0;
    for (int shift = 0; shift < 70 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift < 64) result |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool skip(std::size_t size) noexcept {
    if (rest_.size() < size) return false;
    rest_.remove_prefix(size);
    return true;
  }
  bool take(std::uint64_t size) noexcept {
    bytes = rest_.substr(0, size > rest_.size() ? rest_.size() : static_cast<std::size_t>(size));
    rest_.remove_prefix(bytes.size());
    return true;
  }

  std::string_view rest_;
};

PartialSuccess read_protobuf(std::string_view body) {
  PartialSuccess partial;
  for (Fields response(body); response.next();) {
    if (response.number != 1 || response.wire_type != Fields::bytes_type) continue;
    for (Fields message(response.bytes); message.next();) {
      if (message.number == 1 && message.wire_type == Fields::varint_type) {
        partial.rejected_spans = at_least_none(static_cast<std::int64_t>(message.value));
      } else if (message.number == 2 && message.wire_type == Fields::bytes_type) {
        partial.words = message.bytes;
      }
    }
  }
  return partial;
}

}  // namespace

PartialSuccess read_partial_success(const HttpReply& reply) {
  return is_protobuf(reply) ? read_protobuf(reply.body) : read_json(reply.body);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
