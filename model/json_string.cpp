#include "model/json_string.h"

#include <cstring>

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

constexpr std::size_t longest_escape = 6;

// Returns where the next byte goes.
char* write_escaped(char* out, char c) noexcept {
  static constexpr char digits[] = "0123456789abcdef";
  const char escaped = escape(c);
  if (escaped == '\0') {
    *out++ = c;
    return out;
  }
  *out++ = '\\';
  *out++ = escaped;
  if (escaped == 'u') {
    *out++ = '0';
    *out++ = '0';
    *out++ = digits[c >> 4];
    *out++ = digits[c & 15];
  }
  return out;
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

bool is_json_string_of(std::string_view written, std::string_view text) noexcept {
  if (written.size() != json_string_size(text)) return false;
  const char* expected = written.data() + 1;
  bool is_same = true;
  const auto compare = [&](std::string_view part) {
    is_same = is_same && std::memcmp(expected, part.data(), part.size()) == 0;
    expected += part.size();
  };
  for_each_run(
      text,
      [&](std::string_view run) {
        char escaped[longest_escape];
        for (const char c : run) {
          compare({escaped, static_cast<std::size_t>(write_escaped(escaped, c) - escaped)});
        }
      },
      [&] { compare(replacement_character); });
  return is_same && written.front() == '"' && written.back() == '"';
}

char* write_json_string(char* out, std::string_view text) noexcept {
  *out++ = '"';
  for_each_run(
      text,
      [&out](std::string_view run) {
        for (const char c : run) out = write_escaped(out, c);
      },
      [&out] { out = write_raw(out, replacement_character); });
  *out++ = '"';
  return out;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
