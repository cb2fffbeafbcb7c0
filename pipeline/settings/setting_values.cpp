#include "pipeline/settings/setting_values.h"

#include <charconv>
#include <cmath>

#include "model/lower_case.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::string trimmed(const std::string& text) {
  constexpr const char* spaces = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

std::string lower_case(std::string text) {
  for (char& c : text) c = lower_case(c);
  return text;
}

std::optional<bool> parse_boolean(const std::string& text) {
  const std::string word = lower_case(trimmed(text));
  if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off") return false;
  return std::nullopt;
}

std::optional<double> parse_number(const std::string& text) {
  const std::string digits = trimmed(text);
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_printable_ascii(const std::string& text) {
  for (const char c : text) {
    if (c < ' ' || c >= '\x7f') return false;
  }
  return true;
}

bool is_header_name(const std::string& text) {
  constexpr const char* token =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";
  return !text.empty() && text.find_first_not_of(token) == std::string::npos;
}

bool is_header_of_ours(const std::string& name) {
  const std::string lower = lower_case(name);
  for (const char* const ours :
       {"content-encoding", "content-length", "content-type", "expect", "transfer-encoding",
        "x-langfuse-ingestion-version", "x-langfuse-public-key", "x-langfuse-sdk-name",
        "x-langfuse-sdk-version"}) {
    if (lower == ours) return true;
  }
  return false;
}

std::string in_quotes(const std::string& value, const Secrets& secrets) {
  constexpr std::size_t most = 83;  // with the dots
  std::string shown = "\"";
  for (const char c : shortened(value, most, secrets)) {
    shown += (c >= 0 && c < ' ') || c == 0x7f ? '?' : c;
  }
  return shown + "\"";
}

std::string in_words(double value) {
  char text[32];
  const auto written = std::to_chars(text, text + sizeof(text), value);
  return std::string(text, written.ptr);
}

std::string in_words(Seconds value) {
  return in_words(value.count()) + " s";
}

std::string in_words(bool value) {
  return value ? "true" : "false";
}

std::string in_words(std::size_t value) {
  return std::to_string(value);
}

std::string in_words(Compression value) {
  return value == Compression::gzip ? "gzip" : "none";
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
