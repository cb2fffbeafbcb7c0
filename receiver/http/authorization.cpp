#include "receiver/http/authorization.h"

#include <optional>
#include <string_view>

namespace langfuse_receiver {
namespace {

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int bit_count = 0;
  while (!text.empty() && text.back() == '=') {
    text.remove_suffix(1);
  }
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<unsigned>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<unsigned>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<unsigned>(c - '0') + 52;
    } else if (c == '+' || c == '-') {
      value = 62;
    } else if (c == '/' || c == '_') {
      value = 63;
    } else {
      return std::nullopt;
    }
    bits = (bits << 6U | value) & 0xFFFFFU;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes += static_cast<char>(bits >> static_cast<unsigned>(bit_count) & 0xFFU);
    }
  }
  return bytes;
}

}  // namespace

Authorization authorize(const std::string& header, const Keys& keys) {
  if (header.empty()) {
    return {Access::none, "No authorization header"};
  }
  const std::string_view view = header;
  constexpr std::string_view basic = "Basic ";
  constexpr std::string_view bearer = "Bearer ";
  constexpr const char* wrong_keys =
      "Invalid credentials. Confirm that you've configured the correct host.";
  if (view.substr(0, bearer.size()) == bearer) {
    if (view.substr(bearer.size()) == keys.public_key) {
      return {Access::scores_only, {}};
    }
    return {Access::none, wrong_keys};
  }
  // The scheme's case counts, as on the server.
  if (view.substr(0, basic.size()) != basic) {
    return {Access::none, "Invalid authorization header"};
  }
  const std::optional<std::string> pair = from_base64(view.substr(basic.size()));
  if (!pair || pair->find(':') == std::string::npos) {
    return {Access::none, "Invalid authorization header"};
  }
  if (*pair != keys.public_key + ":" + keys.secret_key) {
    return {Access::none, wrong_keys};
  }
  return {Access::full, {}};
}

}  // namespace langfuse_receiver
