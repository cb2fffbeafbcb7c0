#include "model/json_string.h"

#include "model/protobuf_writer.h"
#include "model/utf8.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// The character behind the backslash; 'u' for control characters without a short form, 0 for what
// stands for itself.
char escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? 'u' : '\0';
  }
}

// Calls `run(text)` for what is well-formed and `replacement()` for what is not.
template <class Run, class Replacement>
void for_each_run(std::string_view text, Run run, Replacement replacement) noexcept {
  while (!text.empty()) {
    const std::size_t length = well_formed_prefix(text);
    run(text.substr(0, length));
    text.remove_prefix(length);
    if (text.empty()) return;
    replacement();
    text.remove_prefix(ill_formed_length(text));
  }
}

}  // namespace

std::size_t json_string_size(std::string_view text) noexcept {
  std::size_t size = 2;
  for_each_run(
      text,
      [&size](std::string_view run) {
        for (const char c : run) {
          const char escaped = escape(c);
          size += escaped == '\0' ? 1 : escaped == 'u' ? 6 : 2;
        }
      },
      [&size] { size += replacement_character.size(); });
  return size;
}

char* write_json_string(char* out, std::string_view text) noexcept {
  static constexpr char digits[] = "0123456789abcdef";
  *out++ = '"';
  for_each_run(
      text,
      [&out](std::string_view run) {
        for (const char c : run) {
          const char escaped = escape(c);
          if (escaped == '\0') {
            *out++ = c;
            continue;
          }
          *out++ = '\\';
          *out++ = escaped;
          if (escaped == 'u') {
            *out++ = '0';
            *out++ = '0';
            *out++ = digits[c >> 4];
            *out++ = digits[c & 15];
          }
        }
      },
      [&out] { out = write_raw(out, replacement_character); });
  *out++ = '"';
  return out;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
