// The settings of requests through libcurl, and libcurl's initialisation.
//
// Data for `CurlTransport` and `probe`. libcurl's own header is included in `curl_easy.h` only.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// All values have been checked: none has a control character.
struct CurlOptions {
  std::string user;  // for HTTP's basic authentication, with the password
  std::string password;
  std::string user_agent;
  std::chrono::milliseconds timeout{5000};  // of one request, from connecting to the last byte
  std::string ca_file;                      // empty: the system's certificates
  std::string no_proxy;                     // hosts that need no proxy, as in `no_proxy`
  std::vector<std::string> headers;         // lines of every request, as libcurl takes them
};

// Initialises libcurl for the process, at the first call. `init` calls it before it registers its
// exit hook, because what libcurl's TLS library registers for the exit must run after that hook.
// False when libcurl cannot start. Any thread.
bool initialise_curl() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
