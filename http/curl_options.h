// What libcurl is told about the server, and its preparation.
//
// Data for `CurlTransport` and `probe`; says nothing about libcurl itself, whose header stays in
// `curl_easy.h`.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Everything in here has been checked: nothing has a control character.
struct CurlOptions {
  std::string user;  // for HTTP's basic authentication, with the password
  std::string password;
  std::string user_agent;
  std::chrono::milliseconds timeout{5000};  // of one request, from connecting to the last byte
  std::string ca_file;                      // empty: the system's certificates
  std::string no_proxy;                     // hosts that need no proxy, as in `no_proxy`
  std::vector<std::string> headers;         // lines of every request, as libcurl takes them
};

// Prepares libcurl for the process, at the first call. `init` calls it before it registers its exit
// hook: what libcurl's TLS library registers for the exit must run after that hook. False when
// libcurl cannot start. Any thread.
bool initialise_curl() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
