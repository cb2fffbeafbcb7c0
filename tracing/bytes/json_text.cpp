#include "tracing/bytes/json_text.h"

#include <algorithm>
#include <cstring>

#include "model/json_string.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

// The size of `text` without a character that may go on behind its end.
std::size_t whole(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back < text.size(); ++back) {
    if (static_cast<unsigned char>(text[text.size() - back]) >= 0xC0) return text.size() - back;
  }
  return text.size();
}

}  // namespace

void JsonText::append(std::string_view json) {
  auto& buffer = *static_cast<internal::JsonBuffer*>(buffer_);
  buffer.full_size += json.size();
  const std::size_t taken = std::min(json.size(), buffer.max_bytes - buffer.text.size());
  if (taken == 0) return;
  char* const room = buffer.text.reserve(taken);
  if (room == nullptr) {
    buffer.is_out_of_memory = true;
    return;
  }
  std::memcpy(room, json.data(), taken);
  buffer.text.commit(taken);
}

void JsonText::append_string(std::string_view text) {
  auto& buffer = *static_cast<internal::JsonBuffer*>(buffer_);
  const std::size_t size = internal::json_string_size(text);
  if (size > buffer.max_bytes - buffer.text.size()) {
    // It will be cut: every piece of the text is escaped by itself, until enough is there.
    append("\"");
    constexpr std::size_t piece_size = 256;
    char piece[6 * piece_size + 2];
    for (std::size_t position = 0; position < text.size();) {
      const std::string_view next = text.substr(position, piece_size);
      const std::size_t taken = position + next.size() == text.size() ? next.size() : whole(next);
      position += taken;
      const char* const end = internal::write_json_string(piece, next.substr(0, taken));
      append({piece + 1, static_cast<std::size_t>(end - piece) - 2});
    }
    append("\"");
    return;
  }
  char* const room = buffer.text.reserve(size);
  if (room == nullptr) {
    buffer.is_out_of_memory = true;
    return;
  }
  internal::write_json_string(room, text);
  buffer.text.commit(size);
  buffer.full_size += size;
}

}  // namespace v0_1
}  // namespace langfuse
