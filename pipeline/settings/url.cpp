#include "pipeline/settings/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "model/lower_case.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Character classes of ASCII, whatever the host program's locale.
bool is_decimal_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_visible(char c) noexcept {
  return c > ' ' && c < '\x7f';
}

struct Authority {
  std::string_view host;  // IPv6 without its brackets
  bool is_ipv6 = false;
  bool has_port = false;
  std::string_view port;
};

std::string_view after_scheme(std::string_view url) noexcept {
  return url.substr(url.find("://") + 3);
}

// False when the brackets of an IPv6 address do not match.
bool split_authority(std::string_view url, Authority& authority) {
  std::string_view text = after_scheme(url);
  text = text.substr(0, text.find('/'));
  std::size_t host_end = 0;
  if (!text.empty() && text.front() == '[') {
    host_end = text.find(']');
    if (host_end == std::string_view::npos) return false;
    authority.is_ipv6 = true;
    authority.host = text.substr(1, host_end - 1);
    ++host_end;
    if (host_end < text.size() && text[host_end] != ':') return false;
  } else {
    host_end = std::min(text.find(':'), text.size());
    authority.host = text.substr(0, host_end);
  }
  authority.has_port = host_end < text.size();
  if (authority.has_port) authority.port = text.substr(host_end + 1);
  return true;
}

bool is_sound_host(const Authority& authority) {
  if (authority.is_ipv6) {
    in6_addr address;
    return inet_pton(AF_INET6, std::string(authority.host).c_str(), &address) == 1;
  }
  return std::all_of(authority.host.begin(), authority.host.end(), [](char c) {
    return is_letter(c) || is_decimal_digit(c) || c == '.' || c == '-' || c == '_';
  });
}

bool is_sound_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && port >= 1 &&
         port <= 65535;
}

}  // namespace

std::string url_problem(std::string_view url) {
  if (!begins_in_either_case(url, "http://") && !begins_in_either_case(url, "https://")) {
    return "must begin with http:// or https://";
  }
  if (after_scheme(url).empty()) return "has no host";
  std::string problem = path_problem(after_scheme(url));
  if (!problem.empty()) return problem;
  Authority authority;
  if (!split_authority(url, authority)) return "has an IPv6 address with unbalanced brackets";
  if (authority.host.empty()) return "has no host";
  if (!is_sound_host(authority)) return "has a host that is neither a name nor an address";
  if (authority.has_port && !is_sound_port(authority.port)) {
    return "has a port that is not a number from 1 to 65535";
  }
  return {};
}

std::string path_problem(std::string_view path) {
  if (path.empty()) return "is empty";
  if (!std::all_of(path.begin(), path.end(), is_visible)) {
    return "has a space, a control character or a character outside ASCII";
  }
  if (path.find('@') != std::string_view::npos) {
    return "has user information (an @), which belongs in the keys";
  }
  if (path.find_first_of("?#\\") != std::string_view::npos) {
    return "has a query, a fragment or a backslash";
  }
  return {};
}

bool is_loopback(std::string_view url) {
  Authority authority;
  if (!split_authority(url, authority)) return false;
  const std::string host(authority.host);
  if (authority.is_ipv6) {
    in6_addr address;
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address) != 0;
  }
  in_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return ntohl(address.s_addr) >> 24 == 127;
  }
  return host.size() == 9 && begins_in_either_case(host, "localhost");
}

bool is_plain_http(std::string_view url) {
  return begins_in_either_case(url, "http://");
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
