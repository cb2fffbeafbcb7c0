#include "http/curl_easy.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>

#include "model/mutex.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr long connect_timeout_ms = 3000;

// Loopback is never asked for at a proxy, which would take the address for its own.
std::string with_loopback(const std::string& no_proxy) {
  if (no_proxy == "*") return no_proxy;
  return no_proxy.empty() ? "localhost,127.0.0.1,::1" : no_proxy + ",localhost,127.0.0.1,::1";
}

curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

struct UrlDeleter {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) return {};
  const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
  return text;
}

// Scheme, host and port of an address; path, query and user information may hold secrets.
std::string origin_of(const char* address) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (url == nullptr ||
      curl_url_set(url.get(), CURLUPART_URL, address, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return {};
  }
  const std::string port = url_part(url.get(), CURLUPART_PORT);
  return url_part(url.get(), CURLUPART_SCHEME) + "://" + url_part(url.get(), CURLUPART_HOST) +
         (port.empty() ? "" : ":" + port);
}

}  // namespace

bool initialise_curl() noexcept {
  static Mutex mutex;
  static bool is_ready LANGFUSE_GUARDED_BY(mutex) = false;
  const MutexLock lock(mutex);
  // A start that failed is tried again at the next call: what was missing may have been memory.
  if (!is_ready) is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return is_ready;
}

std::string OptionSetter::defect() const {
  if (result_ == CURLE_OK) return {};
  return "libcurl refuses option " + std::to_string(static_cast<int>(option_)) + ": " +
         curl_easy_strerror(result_);
}

void append_header(HeaderList& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

void append_common_headers(HeaderList& list, const CurlOptions& options) {
  for (const std::string& line : options.headers) append_header(list, line);
}

void set_common_options(OptionSetter& setter, const CurlOptions& options,
                        std::chrono::milliseconds timeout) {
  setter.required(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  setter.required(CURLOPT_HTTP09_ALLOWED, 0L);
  setter.required(CURLOPT_USERAGENT, options.user_agent);
  setter.required(CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
  setter.required(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});

  // Our bodies hold prompts: no other host and no other protocol ever sees one.
  setter.required(CURLOPT_FOLLOWLOCATION, 0L);
  setter.required(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  if (!setter.optional(CURLOPT_PROTOCOLS_STR, "http,https"))
#endif
  {
#if LIBCURL_VERSION_NUM >= 0x075500
    constexpr auto protocols = static_cast<CURLoption>(181);  // deprecated name CURLOPT_PROTOCOLS
#else
    constexpr auto protocols = CURLOPT_PROTOCOLS;
#endif
    setter.required(protocols, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  }
  setter.required(CURLOPT_SSL_VERIFYPEER, 1L);
  setter.required(CURLOPT_SSL_VERIFYHOST, 2L);
  setter.required(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!options.ca_file.empty()) setter.required(CURLOPT_CAINFO, options.ca_file);
  setter.required(CURLOPT_NOPROXY, with_loopback(options.no_proxy));

  const auto limit = static_cast<long>(std::clamp<std::chrono::milliseconds::rep>(
      timeout.count(), 1, std::numeric_limits<std::int32_t>::max()));
  setter.required(CURLOPT_TIMEOUT_MS, limit);
  setter.required(CURLOPT_CONNECTTIMEOUT_MS, std::min(connect_timeout_ms, limit));
  setter.required(CURLOPT_LOW_SPEED_LIMIT, 100L);
  setter.required(CURLOPT_LOW_SPEED_TIME, 10L);
  setter.required(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  // A resolver that hangs is left to itself instead of being waited for.
  setter.optional(CURLOPT_QUICK_EXIT, 1L);
#endif
  setter.required(CURLOPT_TCP_NODELAY, 1L);
  setter.required(CURLOPT_TCP_KEEPALIVE, 1L);
  // Servers close an idle connection after 110 s (the official image) or sooner.
  setter.required(CURLOPT_MAXAGE_CONN, 100L);
  setter.required_pointer(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
}

void set_credentials(OptionSetter& setter, const CurlOptions& options) {
  setter.required(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  setter.required(CURLOPT_USERNAME, options.user);
  setter.required(CURLOPT_PASSWORD, options.password);
}

bool has_address(CURL* handle) noexcept {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle, CURLINFO_NAMELOOKUP_TIME_T, &microseconds);
  return microseconds > 0;
}

void read_answer(CURL* handle, CURLcode result, const char* error_text, HttpReply& reply) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  // What goes wrong after the final status line (an endless body that we cut, a reset, the time
  // limit) does not change what the server did with our records.
  if (result == CURLE_OK || status >= 200) {
    reply.status = static_cast<int>(status);
  } else {
    reply.error = *error_text != '\0' ? error_text : curl_easy_strerror(result);
    reply.found_nobody = result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST ||
                         result == CURLE_COULDNT_RESOLVE_PROXY ||
                         (result == CURLE_OPERATION_TIMEDOUT && !has_address(handle));
  }
  curl_off_t retry_after = 0;
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
  if (retry_after > 0) reply.retry_after_seconds = retry_after;
  const char* text = nullptr;
  curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &text);
  if (text != nullptr) reply.content_type = text;
  text = nullptr;
  curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &text);
  if (text != nullptr) reply.location = origin_of(text);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
