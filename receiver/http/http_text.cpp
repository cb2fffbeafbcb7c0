#include "receiver/http/http_text.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <optional>

#include "receiver/base/json_text.h"

namespace langfuse_receiver {
namespace {

// The byte that `%xy` at the beginning of `text` stands for.
std::optional<char> escaped_byte(std::string_view text) {
  unsigned byte = 0;
  if (text.size() < 3 || text[0] != '%') {
    return std::nullopt;
  }
  const auto [end, code] = std::from_chars(text.data() + 1, text.data() + 3, byte, 16);
  if (code != std::errc{} || end != text.data() + 3) {
    return std::nullopt;
  }
  return static_cast<char>(byte);
}

std::string decoded(std::string_view text, bool plus_is_space) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (const auto byte = escaped_byte(text.substr(at))) {
      plain += *byte;
      at += 2;
    } else {
      plain += plus_is_space && text[at] == '+' ? ' ' : text[at];
    }
  }
  return plain;
}

bool is_one_line(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7F';
  });
}

void add_header(std::string& head, std::string_view name, std::string_view value) {
  if (is_one_line(value)) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
}

}  // namespace

Target parse_target(std::string_view target) {
  if (const std::size_t scheme = target.find("://");
      scheme != std::string_view::npos && scheme < target.find('/')) {
    const std::size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  Target parsed{decoded(target.substr(0, mark), false), {}};
  for (std::size_t at = mark + 1; at < target.size();) {
    const std::size_t end = std::min(target.find('&', at), target.size());
    const std::string_view pair = target.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty()) {
      parsed.query.emplace(decoded(pair.substr(0, equals), true),
                           decoded(pair.substr(std::min(equals + 1, pair.size())), true));
    }
    at = end + 1;
  }
  return parsed;
}

std::string head_of(const HttpResponse& response, Framing framing, bool keep_alive) {
  const auto status = boost::beast::http::int_to_status(static_cast<unsigned>(response.status));
  const auto reason = boost::beast::http::obsolete_reason(status);
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& [name, value] : response.headers) {
    add_header(head, name, value);
  }
  if (!response.content_type.empty()) {
    add_header(head, "Content-Type", response.content_type);
  }
  if (framing == Framing::length) {
    add_header(head, "Content-Length", std::to_string(response.body.size()));
  } else if (framing == Framing::chunks) {
    add_header(head, "Transfer-Encoding", "chunked");
  }
  add_header(head, "Connection", keep_alive ? "keep-alive" : "close");
  return head + "\r\n";
}

std::string chunk_of(std::string_view piece) {
  char digits[2 * sizeof(std::size_t)];
  char* const end = std::to_chars(digits, digits + sizeof(digits), piece.size(), 16).ptr;
  std::string chunk(digits, end);
  chunk.reserve(chunk.size() + piece.size() + 4);
  return chunk.append("\r\n").append(piece).append("\r\n");
}

HttpResponse refusal(int status, std::string_view reason) {
  return {status, to_text({{"message", reason}}), "application/json", {}};
}

}  // namespace langfuse_receiver
