#include "exporter/curl_transport.h"

#include <algorithm>
#include <string>

#include "exporter/curl_easy.h"
#include "exporter/inherited_descriptors.h"
#include "model/diagnostics.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// How much of an answer is read, and how much of that is kept; in bytes.
struct BodyLimits {
  std::size_t kept;
  std::size_t most;
};

namespace {

// Scores are answered one by one, in some 60 bytes each.
constexpr BodyLimits body_limits(Route route) noexcept {
  return route == Route::spans ? BodyLimits{64 * 1024, 64 * 1024}
                               : BodyLimits{1024 * 1024, 1024 * 1024};
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
  append_common_headers(list, options);
  return list;
}

}  // namespace

struct CurlTransport::Multi {
  Multi() : handle(curl_multi_init()) {
    if (handle == nullptr) throw std::bad_alloc();
    if (!keep_from_children({ring, silence, handle})) {
      report_debug("libcurl's wake-up descriptors are close-on-exec already, or not to be told");
    }
  }
  ~Multi() { curl_multi_cleanup(handle); }
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  static void ring(void* multi) noexcept { curl_multi_wakeup(multi); }
  static void silence(void* multi) noexcept { curl_multi_poll(multi, nullptr, 0, 0, nullptr); }

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
    is_configured = configure(options).is_sound();
  }
  ~Request() { curl_easy_cleanup(handle); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  OptionSetter configure(const CurlOptions& options);
  OptionSetter describe(const std::string& url, bool is_get, std::string_view body, bool is_gzip);
  void begin(const CurlOptions& options, const std::string& url, bool is_get, std::string_view body,
             bool is_gzip);
  void end(CURLcode result) noexcept;
  std::size_t receive(const char* data, std::size_t size) noexcept;

  static std::size_t receive_callback(char* data, std::size_t size, std::size_t count,
                                      void* self) noexcept {
    return static_cast<Request*>(self)->receive(data, size * count);
  }

  const BodyLimits limits;
  CURL* const handle;
  const HeaderList headers;
  const HeaderList gzip_headers;
  State state = State::idle;
  bool is_configured = false;  // with what all its requests have in common
  HttpReply reply;
  std::string body_start;
  std::size_t received = 0;
  bool lacked_memory = false;  // for the body
  std::chrono::steady_clock::time_point began;
  char error_text[CURL_ERROR_SIZE] = {};
};

// Sets what does not depend on the request.
OptionSetter CurlTransport::Request::configure(const CurlOptions& options) {
  OptionSetter setter(handle);
  set_common_options(setter, options, options.timeout);
  set_credentials(setter, options);

  setter.required_pointer(CURLOPT_WRITEFUNCTION, &receive_callback);
  setter.required_pointer(CURLOPT_WRITEDATA, this);
  setter.required_pointer(CURLOPT_PRIVATE, this);
  setter.required_pointer(CURLOPT_ERRORBUFFER, &error_text[0]);
  return setter;
}

// Leaves in `reply.error` why the request cannot be sent. That is the fate of this one only:
// libcurl copies texts, and where it found no memory for one it may find some the next time.
void CurlTransport::Request::begin(const CurlOptions& options, const std::string& url, bool is_get,
                                   std::string_view body, bool is_gzip) {
  reply = HttpReply();
  body_start.clear();
  received = 0;
  lacked_memory = false;
  error_text[0] = '\0';
  began = std::chrono::steady_clock::now();
  if (!is_configured) {
    const OptionSetter common = configure(options);
    reply.error = common.defect();
    is_configured = common.is_sound();
  }
  if (is_configured) reply.error = describe(url, is_get, body, is_gzip).defect();
}

OptionSetter CurlTransport::Request::describe(const std::string& url, bool is_get,
                                              std::string_view body, bool is_gzip) {
  OptionSetter setter(handle);
  setter.required(CURLOPT_URL, url);
  setter.required(is_get ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
  setter.required_pointer(CURLOPT_HTTPHEADER, (is_gzip ? gzip_headers : headers).get());
  if (!is_get) {
    setter.required_pointer(CURLOPT_POSTFIELDS, body.data());
    setter.required(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()),
                    std::true_type());
  }
  return setter;
}

void CurlTransport::Request::end(CURLcode result) noexcept {
  try {
    read_answer(handle, result, &error_text[0], reply);
    reply.body = std::move(body_start);
  } catch (const std::bad_alloc&) {
    lacked_memory = true;
  }
  if (lacked_memory) {
    // What the server said is not known, so that the request is made again.
    reply = HttpReply();
    reply.error = "no memory";  // short enough to need none
  }
  reply.duration = std::chrono::steady_clock::now() - began;
  state = State::ended;
}

// libcurl's frames lie between this and us: nothing may be thrown through them.
std::size_t CurlTransport::Request::receive(const char* data, std::size_t size) noexcept {
  received += size;
  try {
    body_start.append(data, std::min(size, limits.kept - body_start.size()));
  } catch (const std::bad_alloc&) {
    lacked_memory = true;
    return 0;
  }
  return received <= limits.most ? size : 0;  // 0 ends the transfer
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
  request.begin(options_, url_of(endpoint, options_.traces_url, options_.scores_url),
                endpoint == Endpoint::health, body, is_gzip);
  if (!request.reply.error.empty()) {
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

bool CurlTransport::is_looking_up(Route route) const noexcept {
  const Request& request = *requests_[static_cast<std::size_t>(route)];
  return request.state == Request::State::in_flight && !has_address(request.handle);
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

void CurlTransport::advance() noexcept {
  int running = 0;
  curl_multi_perform(multi_->handle, &running);
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_->handle, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode result = message->data.result;  // the message dies with the removal
    Request* request = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &request);
    curl_multi_remove_handle(multi_->handle, handle);
    request->end(result);
  }
}

bool CurlTransport::has_ended_request() const noexcept {
  return std::any_of(requests_.begin(), requests_.end(),
                     [](const auto& request) { return request->state == Request::State::ended; });
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
