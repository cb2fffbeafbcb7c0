// What all requests through libcurl have in common: options set with the right types, headers, and
// the rules about who may see one. The one file that includes libcurl's header.
//
// Used by `CurlTransport` and by `probe`; knows neither.
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

// The one place that calls `curl_easy_setopt`, with a value whose type is what that function reads
// through its varargs.
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
  // False where the libcurl that was loaded is older than the one we were compiled with.
  bool optional(CURLoption option, long value) noexcept { return set(option, value) == CURLE_OK; }
  bool optional(CURLoption option, const char* value) noexcept {
    return set(option, value) == CURLE_OK;
  }

  // Whether the handle is as it was asked to be: otherwise nothing may be sent with it.
  bool is_sound() const noexcept { return result_ == CURLE_OK; }
  // Why it is not. It may be no more than a lack of memory, so that another try succeeds.
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
  CURLoption option_ = CURLOPT_URL;  // the first that was refused …
  CURLcode result_ = CURLE_OK;       // … and why; CURLE_OK: none was
};

struct SlistDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, SlistDeleter>;

void append_header(HeaderList& list, const std::string& line);
// Those of every request.
void append_common_headers(HeaderList& list, const CurlOptions& options);

// Everything that does not depend on the request: whom we trust and talk to, how we connect, how
// long it may take. `timeout`: at least 1 ms is used.
void set_common_options(OptionSetter& setter, const CurlOptions& options,
                        std::chrono::milliseconds timeout);
void set_credentials(OptionSetter& setter, const CurlOptions& options);

// Whether the host's name was turned into an address, which takes no time where it is one.
bool has_address(CURL* handle) noexcept;

// Fills in what a request that ended with `result` was answered: the status, or in words why there
// is none, and what the headers say. `error_text` is libcurl's error buffer. The body is the
// caller's.
void read_answer(CURL* handle, CURLcode result, const char* error_text, HttpReply& reply);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
