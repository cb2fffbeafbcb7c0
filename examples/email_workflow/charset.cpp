#include "examples/email_workflow/charset.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <initializer_list>

namespace email_workflow {
namespace {

constexpr char replacement[] = "\xEF\xBF\xBD";
constexpr char byte_order_mark[] = "\xEF\xBB\xBF";
constexpr char windows[] = "windows-1252";

bool is_any_of(const std::string& charset, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (g_ascii_strcasecmp(charset.c_str(), name) == 0) return true;
  }
  return false;
}

std::string actual_charset(std::string_view bytes, const std::string& charset) {
  if (charset.empty() || is_any_of(charset, {"us-ascii", "ascii", "ansi_x3.4-1968"})) {
    const auto size = static_cast<gssize>(bytes.size());
    return g_utf8_validate(bytes.data(), size, nullptr) != 0 ? "utf-8" : windows;
  }
  return is_any_of(charset, {"iso-8859-1", "iso8859-1", "latin1", "l1"}) ? windows : charset;
}

// How many bytes to skip at once where there is no valid character.
std::size_t unit_size(const std::string& charset) {
  const auto begins_with = [&charset](const char* name) {
    return g_ascii_strncasecmp(charset.c_str(), name, 5) == 0;
  };
  if (begins_with("utf-1") || begins_with("ucs-2")) return 2;
  return begins_with("utf-3") || begins_with("ucs-4") ? 4 : 1;
}

class Converter {
 public:
  explicit Converter(const std::string& charset)
      : handle_(g_mime_iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (is_open()) g_mime_iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool is_open() const { return reinterpret_cast<std::intptr_t>(handle_) != -1; }

  // Converts the front of `bytes`, and removes it. False if it stopped at an invalid character.
  // With empty `bytes`, it returns what it had kept back.
  bool convert(std::string_view& bytes, std::string& text) const {
    char* in = const_cast<char*>(bytes.data());
    std::size_t in_left = bytes.size();
    bool is_whole = false;
    bool is_full = true;
    while (is_full) {
      char room[4096];
      char* out = room;
      std::size_t out_left = sizeof(room);
      errno = 0;
      const std::size_t result =
          iconv(handle_, bytes.empty() ? nullptr : &in, &in_left, &out, &out_left);
      is_whole = result != static_cast<std::size_t>(-1);
      is_full = !is_whole && errno == E2BIG;
      text.append(room, sizeof(room) - out_left);
    }
    bytes.remove_prefix(bytes.size() - in_left);
    return is_whole;
  }

 private:
  iconv_t handle_;
};

// No text has one, and what is written in C would end at it.
void replace_nulls(DecodedText& decoded) {
  for (std::size_t at = decoded.text.find('\0'); at != std::string::npos;
       at = decoded.text.find('\0', at)) {
    decoded.text.replace(at, 1, replacement);
    ++decoded.repaired;
  }
}

}  // namespace

DecodedText decode_text(std::string_view bytes, const std::string& charset) {
  DecodedText decoded;
  const std::string actual = actual_charset(bytes, charset);
  const Converter converter(actual);
  decoded.is_known = converter.is_open();
  if (!decoded.is_known) return decoded;
  while (!bytes.empty() && !converter.convert(bytes, decoded.text)) {
    bytes.remove_prefix(std::min(bytes.size(), unit_size(actual)));
    decoded.text += replacement;
    ++decoded.repaired;
  }
  std::string_view nothing;
  converter.convert(nothing, decoded.text);
  if (decoded.text.compare(0, 3, byte_order_mark) == 0) decoded.text.erase(0, 3);
  replace_nulls(decoded);
  return decoded;
}

}  // namespace email_workflow
