// What libcurl is told about the server, and its preparation.
//
// Data for `CurlTransport` and `probe`; says nothing about libcurl itself, whose header stays in
// `curl_easy.h`.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Everything in here has been checked: http or https addresses, keys and headers without control
// characters.
struct CurlOptions {
  std::string traces_url;  // both as for `url_of`
  std::string scores_url;
  std::string public_key;
  std::string secret_key;
  std::chrono::milliseconds timeout{5000};  // of one request, from connecting to the last byte
  std::string ca_file;                      // empty: the system's certificates
  std::string no_proxy;                     // hosts that need no proxy, as in `no_proxy`
  std::vector<std::pair<std::string, std::string>> headers;
};

// Prepares libcurl for the process, at the first call. `init` calls it before it registers its exit
// hook: what libcurl's TLS library registers for the exit must run after that hook. False when
// libcurl cannot start. Any thread.
bool initialise_curl() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
