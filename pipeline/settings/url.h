// The addresses that records may be sent to.
#pragma once

#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What is wrong with `url` as a server's base address, in words that continue "the setting …";
// empty when nothing is. Taken are http and https, a host name, IPv4 or bracketed IPv6 address, an
// optional port and path. Refused are user information, queries, fragments, spaces, control
// characters and bytes outside ASCII: whatever makes two readers see two different hosts.
std::string url_problem(std::string_view url);

// The same for a path that is appended to a base address.
std::string path_problem(std::string_view path);

// Whether the host of a sound `url` is this machine: `localhost`, 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view url);

// Whether a sound `url` is plain http.
bool is_plain_http(std::string_view url);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
