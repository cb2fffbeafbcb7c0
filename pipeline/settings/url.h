// The addresses that records may be sent to.
#pragma once

#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The problem of `url` as a server's base address, in words that continue "the setting …"; empty
// when there is none. Accepted: http and https, a host name, IPv4 or bracketed IPv6 address, an
// optional port and path. Refused: user information, queries, fragments, spaces, control characters
// and bytes outside ASCII, because different readers could see different hosts in them.
std::string url_problem(std::string_view url);

// The problem of a path that is appended to a base address; empty when there is none.
std::string path_problem(std::string_view path);

// True if the host of a valid `url` is this machine: `localhost`, 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view url);

// True if a valid `url` is plain http.
bool is_plain_http(std::string_view url);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
