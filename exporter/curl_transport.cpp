#include "exporter/curl_transport.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

#include "model/version.h"

#if LIBCURL_VERSION_NUM < 0x074400
#error "libcurl 7.68 or newer is needed: curl_multi_wakeup"
#endif

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// How much of an answer is read, and how much of that is kept. Scores are answered one by one, in
// some 60 bytes each.
struct BodyLimits {
  std::size_t kept;
  std::size_t most;
};
constexpr BodyLimits body_limits(Route route) noexcept {
  return route == Route::spans ? BodyLimits{4 * 1024, 64 * 1024}
                               : BodyLimits{1024 * 1024, 1024 * 1024};
}
constexpr long connect_timeout_ms = 3000;

// The one place that calls `curl_easy_setopt`, with a value whose type is what that function reads
// through its varargs.
class OptionSetter {
 public:
  explicit OptionSetter(CURL* handle) noexcept : handle_(handle) {}

  void required(CURLoption option, long value) { check(option, set(option, value)); }
  void required(CURLoption option, curl_off_t value, std::true_type) {
    check(option, curl_easy_setopt(handle_, option, value));
  }
  void required(CURLoption option, const char* value) { check(option, set(option, value)); }
  void required(CURLoption option, const std::string& value) { required(option, value.c_str()); }
  template <class T>
  void required_pointer(CURLoption option, T* value) {
    check(option, curl_easy_setopt(handle_, option, value));
  }
  // False where the libcurl that was loaded is older than the one we were compiled with.
  bool optional(CURLoption option, long value) noexcept { return set(option, value) == CURLE_OK; }
  bool optional(CURLoption option, const char* value) noexcept {
    return set(option, value) == CURLE_OK;
  }

  // Why no request may be sent with this handle; empty when all is well.
  const std::string& defect() const noexcept { return defect_; }

 private:
  CURLcode set(CURLoption option, long value) noexcept {
    return curl_easy_setopt(handle_, option, value);
  }
  CURLcode set(CURLoption option, const char* value) noexcept {
    return curl_easy_setopt(handle_, option, value);
  }
  void check(CURLoption option, CURLcode result) {
    if (result != CURLE_OK && defect_.empty()) {
      defect_ = "libcurl refuses option " + std::to_string(static_cast<int>(option)) + ": " +
                curl_easy_strerror(result);
    }
  }

  CURL* handle_;
  std::string defect_;
};

struct SlistDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, SlistDeleter>;

void append_header(HeaderList& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

HeaderList make_headers(const CurlOptions& options, Route route, bool is_gzip) {
  HeaderList list;
  if (route == Route::spans) {
    append_header(list, "Content-Type: application/x-protobuf");
    append_header(list, "x-langfuse-ingestion-version: 4");
  } else {
    append_header(list, "Content-Type: application/json");
  }
  if (is_gzip) append_header(list, "Content-Encoding: gzip");
  // Without this, libcurl asks for permission before each body over 1 MiB and waits a second for
  // an answer that most servers never give.
  append_header(list, "Expect:");
  append_header(list, "x-langfuse-sdk-name: cpp");
  append_header(list, std::string("x-langfuse-sdk-version: ") + version_text);
  append_header(list, "x-langfuse-public-key: " + options.public_key);
  for (const auto& header : options.headers) {
    // "Name:" would tell libcurl to leave the header out, "Name;" sends it empty.
    append_header(list,
                  header.second.empty() ? header.first + ";" : header.first + ": " + header.second);
  }
  return list;
}

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

struct CurlTransport::Multi {
  Multi() : handle(curl_multi_init()) {
    if (handle == nullptr) throw std::bad_alloc();
  }
  ~Multi() { curl_multi_cleanup(handle); }
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  CURLM* const handle;
};

// One route's easy handle, with what a reply is gathered in.
struct CurlTransport::Request {
  enum class State { idle, in_flight, ended };

  Request(const CurlOptions& options, Route request_route)
      : limits(body_limits(request_route)),
        handle(curl_easy_init()),
        headers(make_headers(options, request_route, false)),
        gzip_headers(make_headers(options, request_route, true)) {
    if (handle == nullptr) throw std::bad_alloc();
    configure(options);
  }
  ~Request() { curl_easy_cleanup(handle); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  void configure(const CurlOptions& options);
  void begin(const std::string& url, bool is_get, std::string_view body, bool is_gzip);
  void end(CURLcode result);
  std::size_t receive(const char* data, std::size_t size);

  static std::size_t receive_callback(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<Request*>(self)->receive(data, size * count);
  }

  const BodyLimits limits;
  CURL* const handle;
  const HeaderList headers;
  const HeaderList gzip_headers;
  State state = State::idle;
  HttpReply reply;
  std::string defect;  // why this handle sends nothing; empty: it does
  std::string body_start;
  std::size_t received = 0;
  std::chrono::steady_clock::time_point began;
  char error_text[CURL_ERROR_SIZE] = {};
};

void CurlTransport::Request::configure(const CurlOptions& options) {
  OptionSetter setter(handle);
  setter.required(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  setter.required(CURLOPT_HTTP09_ALLOWED, 0L);
  setter.required(CURLOPT_USERAGENT, std::string("langfuse-cpp/") + version_text);
  setter.required(CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
  setter.required(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  setter.required(CURLOPT_USERNAME, options.public_key);
  setter.required(CURLOPT_PASSWORD, options.secret_key);
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

  const auto timeout = std::clamp<std::chrono::milliseconds::rep>(
      options.timeout.count(), 1, std::numeric_limits<std::int32_t>::max());
  setter.required(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout));
  setter.required(CURLOPT_CONNECTTIMEOUT_MS,
                  std::min(connect_timeout_ms, static_cast<long>(timeout)));
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

  setter.required_pointer(CURLOPT_WRITEFUNCTION, &receive_callback);
  setter.required_pointer(CURLOPT_WRITEDATA, this);
  setter.required_pointer(CURLOPT_PRIVATE, this);
  setter.required_pointer(CURLOPT_ERRORBUFFER, &error_text[0]);
  defect = setter.defect();
}

void CurlTransport::Request::begin(const std::string& url, bool is_get, std::string_view body,
                                   bool is_gzip) {
  reply = HttpReply();
  body_start.clear();
  received = 0;
  error_text[0] = '\0';
  began = std::chrono::steady_clock::now();
  OptionSetter setter(handle);
  setter.required(CURLOPT_URL, url);
  setter.required(is_get ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
  setter.required_pointer(CURLOPT_HTTPHEADER, (is_gzip ? gzip_headers : headers).get());
  if (!is_get) {
    setter.required_pointer(CURLOPT_POSTFIELDS, body.data());
    setter.required(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()),
                    std::true_type());
  }
  if (defect.empty()) defect = setter.defect();
}

void CurlTransport::Request::end(CURLcode result) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  // What goes wrong after the final status line (an endless body that we cut, a reset, the time
  // limit) does not change what the server did with our records.
  if (result == CURLE_OK || status >= 200) {
    reply.status = static_cast<int>(status);
  } else {
    reply.error = error_text[0] != '\0' ? error_text : curl_easy_strerror(result);
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
  reply.body = body_start;
  reply.duration = std::chrono::steady_clock::now() - began;
  state = State::ended;
}

std::size_t CurlTransport::Request::receive(const char* data, std::size_t size) {
  received += size;
  body_start.append(data, std::min(size, limits.kept - body_start.size()));
  return received <= limits.most ? size : 0;  // 0 ends the transfer
}

bool initialise_curl() noexcept {
  return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

CurlTransport::CurlTransport(CurlOptions options)
    : options_(std::move(options)), multi_(std::make_unique<Multi>()) {
  for (const Route route : {Route::spans, Route::scores}) {
    requests_[static_cast<std::size_t>(route)] = std::make_unique<Request>(options_, route);
  }
}

CurlTransport::~CurlTransport() {
  cancel_all();
}

void CurlTransport::start(Endpoint endpoint, std::string_view body, bool is_gzip) {
  Request& request = *requests_[static_cast<std::size_t>(route_of(endpoint))];
  request.begin(url_of(endpoint, options_.traces_url, options_.scores_url),
                endpoint == Endpoint::health, body, is_gzip);
  if (!request.defect.empty()) {
    request.reply.error = request.defect;
    request.state = Request::State::ended;
    return;
  }
  const CURLMcode added = curl_multi_add_handle(multi_->handle, request.handle);
  if (added != CURLM_OK) {
    request.reply.error = curl_multi_strerror(added);
    request.state = Request::State::ended;
    return;
  }
  request.state = Request::State::in_flight;
  advance();
}

bool CurlTransport::finished(Route route, HttpReply& reply) {
  Request& request = *requests_[static_cast<std::size_t>(route)];
  if (request.state == Request::State::in_flight) advance();
  if (request.state != Request::State::ended) return false;
  reply = std::move(request.reply);
  request.state = Request::State::idle;
  return true;
}

void CurlTransport::wait(SteadyTime until) {
  while (true) {
    advance();
    if (is_woken_.exchange(false, std::memory_order_acquire) || has_ended_request()) return;
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= left.zero()) return;
    // Rounded up, so that the last millisecond is not spent spinning.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(
        std::min<std::chrono::nanoseconds>(left, std::chrono::hours(24)));
    const CURLMcode polled = curl_multi_poll(multi_->handle, nullptr, 0,
                                             static_cast<int>(milliseconds.count()), nullptr);
    if (polled != CURLM_OK) return;  // no memory or no descriptor: the caller comes back
  }
}

void CurlTransport::cancel_all() noexcept {
  for (const auto& request : requests_) {
    if (request == nullptr) continue;
    if (request->state == Request::State::in_flight) {
      curl_multi_remove_handle(multi_->handle, request->handle);
    }
    request->state = Request::State::idle;
  }
}

void CurlTransport::wake() noexcept {
  is_woken_.store(true, std::memory_order_release);
  curl_multi_wakeup(multi_->handle);
}

void CurlTransport::advance() {
  int running = 0;
  curl_multi_perform(multi_->handle, &running);
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_->handle, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode result = message->data.result;  // the message dies with the removal
    Request* request = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &request);
    request->end(result);
    curl_multi_remove_handle(multi_->handle, handle);
  }
}

bool CurlTransport::has_ended_request() const noexcept {
  return std::any_of(requests_.begin(), requests_.end(),
                     [](const auto& request) { return request->state == Request::State::ended; });
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
