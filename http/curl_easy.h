// The common part of all requests through libcurl: options with the right types, headers,
// credentials, and the reading of answers. The only file that includes libcurl's header.
//
// Used by `CurlTransport` and `probe`; depends on neither.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

#include "http/curl_options.h"
#include "http/http_transport.h"

#if LIBCURL_VERSION_NUM < 0x074400
#error "libcurl 7.68 or newer is needed: curl_multi_wakeup"
#endif

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The only caller of `curl_easy_setopt`. Each value has the type that this function reads through
// its varargs.
class OptionSetter {
 public:
  explicit OptionSetter(CURL* handle) noexcept : handle_(handle) {}

  void required(CURLoption option, long value) noexcept { check(option, set(option, value)); }
  void required(CURLoption option, curl_off_t value, std::true_type) noexcept {
    check(option, curl_easy_setopt(handle_, option, value));
  }
  void required(CURLoption option, const char* value) noexcept {
    check(option, set(option, value));
  }
  void required(CURLoption option, const std::string& value) noexcept {
    required(option, value.c_str());
  }
  template <class T>
  void required_pointer(CURLoption option, T* value) noexcept {
    check(option, curl_easy_setopt(handle_, option, value));
  }
  // False if the loaded libcurl is older than the one we were compiled with, and lacks the option.
  bool optional(CURLoption option, long value) noexcept { return set(option, value) == CURLE_OK; }
  bool optional(CURLoption option, const char* value) noexcept {
    return set(option, value) == CURLE_OK;
  }

  // True if every required option was set. Otherwise nothing may be sent with the handle.
  bool is_sound() const noexcept { return result_ == CURLE_OK; }
  // Why one was not. The cause may be a mere lack of memory, so another try may succeed.
  std::string defect() const;

 private:
  CURLcode set(CURLoption option, long value) noexcept {
    return curl_easy_setopt(handle_, option, value);
  }
  CURLcode set(CURLoption option, const char* value) noexcept {
    return curl_easy_setopt(handle_, option, value);
  }
  void check(CURLoption option, CURLcode result) noexcept {
    if (result == CURLE_OK || !is_sound()) return;
    option_ = option;
    result_ = result;
  }

  CURL* handle_;
  CURLoption option_ = CURLOPT_URL;  // the first one that was refused …
  CURLcode result_ = CURLE_OK;       // … and why; CURLE_OK: none was refused
};

struct SlistDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, SlistDeleter>;

void append_header(HeaderList& list, const std::string& line);
// Appends the headers that every request has.
void append_common_headers(HeaderList& list, const CurlOptions& options);

// Sets all options that do not depend on the request: certificates, protocols, connection, time
// limits. `timeout`: at least 1 ms is used.
void set_common_options(OptionSetter& setter, const CurlOptions& options,
                        std::chrono::milliseconds timeout);
void set_credentials(OptionSetter& setter, const CurlOptions& options);

// True if the host's name has been resolved. A name that is an address counts as resolved at once.
bool has_address(CURL* handle) noexcept;

// Fills in `reply` for a request that ended with `result`: the status, or why there is none, and
// the facts from the headers. `error_text` is libcurl's error buffer. The caller fills in the body.
void read_answer(CURL* handle, CURLcode result, const char* error_text, HttpReply& reply);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
