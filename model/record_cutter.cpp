#include "model/record_cutter.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "model/attribute_keys.h"
#include "model/cut_text.h"
#include "model/protobuf_writer.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Texts are not cut below this: ids, counts in JSON and the like stay whole.
constexpr std::size_t shortest_cut = 256;

// What stands in a length-delimited field. Field numbers: opentelemetry/proto/trace/v1/trace.proto
// and common/v1/common.proto.
enum class Content { span, key_value, any_value, status, text, other };

Content content_of(Content message, int field) noexcept {
  switch (message) {
    case Content::span:
      if (field == 5) return Content::text;  // name
      if (field == 9) return Content::key_value;
      return field == 15 ? Content::status : Content::other;
    case Content::key_value:
      return field == 2 ? Content::any_value : Content::other;
    case Content::any_value:
      return field == 1 ? Content::text : Content::other;
    case Content::status:
      return field == 2 ? Content::text : Content::other;
    case Content::text:
    case Content::other:
      break;
  }
  return Content::other;
}

// Both stay within `bytes`, whatever is in there.
std::uint64_t take_varint(std::string_view& bytes) noexcept {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

// A field of a message.
struct Field {
  char tag;
  bool is_delimited;
  Content content;
  std::string_view bytes;  // the content, or all that follows the tag
};

Field take_field(Content message, std::string_view& bytes) noexcept {
  Field field{bytes.front(), false, Content::other, {}};
  bytes.remove_prefix(1);
  const int wire_type = field.tag & 7;
  std::string_view rest = bytes;
  if (wire_type == 2) {
    const std::uint64_t announced = take_varint(rest);
    const std::size_t size = std::min<std::uint64_t>(announced, rest.size());
    field.is_delimited = true;
    field.content = content_of(message, static_cast<unsigned char>(field.tag) >> 3);
    field.bytes = rest.substr(0, size);
    rest.remove_prefix(size);
  } else {
    if (wire_type == 0) {
      take_varint(rest);
    } else {
      // fixed64, the only other type that we write
      rest.remove_prefix(std::min<std::size_t>(8, rest.size()));
    }
    field.bytes = bytes.substr(0, bytes.size() - rest.size());
  }
  bytes = rest;
  return field;
}

// What is cut, and where.
struct Cut {
  std::size_t longest_text = 0;
  bool spares_json = true;
};

// Attributes whose text is worth nothing when it is cut.
bool is_json_object(std::string_view key) noexcept {
  return key == keys::model_parameters.text() || key == keys::usage_details.text() ||
         key == keys::cost_details.text();
}

// What stands in a field of `message`, when it is one that the cut spares: something else than it
// is. `bytes`: of the message.
Content spared(Content message, std::string_view bytes, const Cut& cut) noexcept {
  if (message != Content::key_value || !cut.spares_json || bytes.empty()) return message;
  const Field key = take_field(message, bytes);
  return key.is_delimited && is_json_object(key.bytes) ? Content::other : message;
}

// A text as it will be: its beginning and, when something is missing, the mark.
struct CutText {
  std::string_view kept;
  std::size_t missing = 0;  // bytes, those included that were missing before

  CutText(std::string_view text, std::size_t limit) noexcept : kept(text) {
    if (text.size() <= limit) return;
    const std::size_t missing_before = take_truncation_mark(text);
    std::size_t size = std::min(limit, text.size());
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    const std::size_t missing_now = missing_before + (text.size() - size);
    if (size + truncation_mark_size(missing_now) >= kept.size()) return;
    kept = text.substr(0, size);
    missing = missing_now;
  }

  std::size_t size() const noexcept {
    return kept.size() + (missing == 0 ? 0 : truncation_mark_size(missing));
  }
};

std::size_t measure(Content content, std::string_view bytes, const Cut& cut) noexcept {
  content = spared(content, bytes, cut);
  if (content == Content::text) return CutText(bytes, cut.longest_text).size();
  if (content == Content::other) return bytes.size();
  std::size_t size = 0;
  while (!bytes.empty()) {
    const Field field = take_field(content, bytes);
    size += field.is_delimited ? length_field_size(measure(field.content, field.bytes, cut))
                               : 1 + field.bytes.size();
  }
  return size;
}

// Writes over the bytes that were read: nothing becomes longer, so that what is still to be read
// lies behind what is written. Adds to `cut_texts`.
char* rewrite(Content content, std::string_view bytes, const Cut& cut, std::size_t& cut_texts,
              char* out) noexcept {
  const auto move = [&out](std::string_view part) {
    std::memmove(out, part.data(), part.size());
    out += part.size();
  };
  content = spared(content, bytes, cut);
  if (content == Content::text) {
    const CutText text(bytes, cut.longest_text);
    move(text.kept);
    if (text.missing == 0) return out;
    ++cut_texts;
    return write_truncation_mark(out, text.missing);
  }
  if (content == Content::other) {
    move(bytes);
    return out;
  }
  while (!bytes.empty()) {
    const Field field = take_field(content, bytes);
    *out++ = field.tag;
    if (field.is_delimited) {
      out = write_varint(out, measure(field.content, field.bytes, cut));
      out = rewrite(field.content, field.bytes, cut, cut_texts, out);
    } else {
      move(field.bytes);
    }
  }
  return out;
}

// The longest text with which `span` takes at most `max_bytes`, by bisection; 0 when there is none.
std::size_t longest_fitting(std::string_view span, std::size_t max_bytes,
                            bool spares_json) noexcept {
  const auto fits = [&](std::size_t longest_text) {
    return measure(Content::span, span, {longest_text, spares_json}) <= max_bytes;
  };
  if (!fits(shortest_cut)) return 0;
  std::size_t fitting = shortest_cut;
  std::size_t too_long = std::max(span.size(), shortest_cut + 1);
  while (too_long - fitting > 1) {
    const std::size_t middle = fitting + (too_long - fitting) / 2;
    (fits(middle) ? fitting : too_long) = middle;
  }
  return fitting;
}

}  // namespace

std::size_t longest_fitting_text(std::string_view attributes, std::size_t max_bytes) noexcept {
  return longest_fitting(attributes, max_bytes, true);
}

char* write_cut_attribute(char* out, std::string_view attribute, std::size_t longest_text,
                          std::size_t& cut) noexcept {
  return rewrite(Content::span, attribute, {longest_text, true}, cut, out);
}

std::size_t cut_record(Record& record, std::size_t max_bytes) noexcept {
  if (record.kind == RecordKind::score || record.size <= std::max(max_bytes, shortest_cut)) {
    return 0;
  }
  const std::string_view span = record.bytes().substr(record_head_size);
  if (max_bytes < record_head_size) return 0;
  Cut how;
  how.longest_text = longest_fitting(span, max_bytes - record_head_size, true);
  if (how.longest_text == 0) {
    how.spares_json = false;
    how.longest_text = longest_fitting(span, max_bytes - record_head_size, false);
  }
  if (how.longest_text == 0) return 0;
  std::size_t cut = 0;
  char* const begin = record.data() + record_head_size;
  const char* const end = rewrite(Content::span, span, how, cut, begin);
  const std::size_t size = static_cast<std::size_t>(end - begin);
  write_padded_length(record.data() + 1, size);
  record.size = static_cast<std::uint32_t>(record_head_size + size);
  return cut;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
