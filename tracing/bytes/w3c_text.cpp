#include "tracing/bytes/w3c_text.h"

#include <algorithm>
#include <cstring>

#include "model/hex_digit.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// The parts of `00-<trace id>-<span id>-<flags>`.
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t span_id_at = 36;
constexpr std::size_t flags_at = 53;

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string_view trimmed_view(std::string_view text) noexcept {
  constexpr std::string_view white_space = " \t";
  const std::size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

}  // namespace

void write_traceparent(const SpanContext& span, bool is_sampled, char* text) noexcept {
  std::memcpy(text, "00-", trace_id_at);
  std::memcpy(text + trace_id_at, span.trace_id.hex().text, 32);
  text[span_id_at - 1] = '-';
  std::memcpy(text + span_id_at, span.span_id.hex().text, 16);
  std::string_view(is_sampled ? "-01" : "-00").copy(text + flags_at - 1, 3);
}

SpanContext parse_traceparent(std::string_view text) noexcept {
  text = trimmed_view(text);
  unsigned char version = 0;
  unsigned char flags = 0;
  if (text.size() < traceparent_size || text[trace_id_at - 1] != '-' ||
      text[span_id_at - 1] != '-' || text[flags_at - 1] != '-' ||
      !read_hex(text.substr(0, 2), &version, 1) || !read_hex(text.substr(flags_at, 2), &flags, 1)) {
    return {};
  }
  constexpr unsigned char forbidden_version = 0xFF;
  if (version == forbidden_version) return {};
  if (text.size() > traceparent_size && (version == 0 || text[traceparent_size] != '-')) return {};
  const SpanContext span{TraceId::from_hex(text.substr(trace_id_at, 32)),
                         SpanId::from_hex(text.substr(span_id_at, 16))};
  return span.is_valid() ? span : SpanContext();
}

bool is_baggage_key(std::string_view key) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !key.empty() && std::all_of(key.begin(), key.end(), [&](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  });
}

void append_baggage_value(std::string& out, std::string_view text) {
  // Of what the specification allows as it is, the part that nobody's parser stumbles over.
  constexpr std::string_view others = "-._~:/@!$&'()*+";
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_letter_or_digit(c) || others.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

std::string decode_baggage_value(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const int high = value[i] == '%' && i + 2 < value.size() ? hex_digit(value[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(value[i + 2]);
    if (low < 0) {
      text += value[i];
    } else {
      text += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return text;
}

bool BaggageReader::next(std::string_view& key, std::string_view& value) noexcept {
  while (!rest_.empty()) {
    const std::size_t end = std::min(rest_.find(','), rest_.size());
    std::string_view member = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    member = member.substr(0, member.find(';'));
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) continue;
    key = trimmed_view(member.substr(0, equals));
    value = trimmed_view(member.substr(equals + 1));
    if (is_baggage_key(key)) return true;
  }
  return false;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
