#include "http/curl_transport.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/body_reader.h"
#include "http/curl_easy.h"
#include "http/inherited_descriptors.h"
#include "model/diagnostics.h"
#include "model/forks.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

namespace {

HeaderList make_headers(const CurlOptions& options, const HttpRequest& request) {
  HeaderList list;
  for (const std::string& line : request.headers) append_header(list, line);
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

// One channel's easy handle, with what a reply is gathered in.
struct CurlTransport::Channel {
  enum class State { idle, in_flight, ended };

  explicit Channel(const CurlOptions& options) : handle(curl_easy_init()) {
    if (handle == nullptr) throw std::bad_alloc();
    is_configured = configure(options).is_sound();
  }
  ~Channel() { curl_easy_cleanup(handle); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  OptionSetter configure(const CurlOptions& options);
  OptionSetter describe(const HttpRequest& request);
  void begin(const CurlOptions& options, const HttpRequest& request);
  void end(CURLcode result) noexcept;
  std::size_t receive(const char* data, std::size_t size) noexcept;

  static std::size_t receive_callback(char* data, std::size_t size, std::size_t count,
                                      void* self) noexcept {
    return static_cast<Channel*>(self)->receive(data, size * count);
  }

  CURL* const handle;
  HeaderList headers;           // of the request that the handle was last given
  std::size_t reply_limit = 0;  // of that request
  BodyReader body;              // of that request
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
OptionSetter CurlTransport::Channel::configure(const CurlOptions& options) {
  OptionSetter setter(handle);
  set_common_options(setter, options, options.timeout);
  set_credentials(setter, options);

  setter.required_pointer(CURLOPT_WRITEFUNCTION, &receive_callback);
  setter.required_pointer(CURLOPT_WRITEDATA, this);
  setter.required_pointer(CURLOPT_READFUNCTION, &BodyReader::read_callback);
  setter.required_pointer(CURLOPT_READDATA, &body);
  setter.required_pointer(CURLOPT_SEEKFUNCTION, &BodyReader::seek_callback);
  setter.required_pointer(CURLOPT_SEEKDATA, &body);
  setter.required_pointer(CURLOPT_PRIVATE, this);
  setter.required_pointer(CURLOPT_ERRORBUFFER, &error_text[0]);
  return setter;
}

// Leaves in `reply.error` why the request cannot be sent. That is the fate of this one only:
// libcurl copies texts, and where it found no memory for one it may find some the next time.
void CurlTransport::Channel::begin(const CurlOptions& options, const HttpRequest& request) {
  HeaderList new_headers = make_headers(options, request);
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
  reply_limit = request.reply_limit;
  headers = std::move(new_headers);
  body.begin(request.body);
  if (is_configured) reply.error = describe(request).defect();
}

OptionSetter CurlTransport::Channel::describe(const HttpRequest& request) {
  const bool is_get = request.method == HttpRequest::Method::get;
  OptionSetter setter(handle);
  setter.required(CURLOPT_URL, request.url);
  setter.required(is_get ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
  setter.required_pointer(CURLOPT_HTTPHEADER, headers.get());
  if (!is_get) {
    // A body in one piece goes out with its headers where it is small; one in several is read.
    const bool is_read = request.body.size() > 1;
    const char* const whole = request.body.empty() ? "" : request.body.front().data();
    setter.required_pointer(CURLOPT_POSTFIELDS, is_read ? nullptr : whole);
    setter.required(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body_bytes()),
                    std::true_type());
  }
  return setter;
}

void CurlTransport::Channel::end(CURLcode result) noexcept {
  body.begin({});  // it may have had many pieces
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
std::size_t CurlTransport::Channel::receive(const char* data, std::size_t size) noexcept {
  received += size;
  try {
    body_start.append(data, std::min(size, reply_limit - body_start.size()));
  } catch (const std::bad_alloc&) {
    lacked_memory = true;
    return 0;
  }
  return received <= reply_limit ? size : 0;  // 0 ends the transfer
}

CurlTransport::CurlTransport(CurlOptions options, std::size_t channels)
    : options_(std::move(options)), multi_(std::make_unique<Multi>()) {
  for (std::size_t i = 0; i < channels; ++i) {
    channels_.push_back(std::make_unique<Channel>(options_));
  }
}

CurlTransport::~CurlTransport() {
  cancel_all();
}

void CurlTransport::start(HttpChannel channel, const HttpRequest& request) {
  Channel& used = *channels_[channel];
  used.begin(options_, request);
  if (!used.reply.error.empty()) {
    used.state = Channel::State::ended;
    return;
  }
  const CURLMcode added = curl_multi_add_handle(multi_->handle, used.handle);
  if (added != CURLM_OK) {
    used.reply.error = curl_multi_strerror(added);
    used.state = Channel::State::ended;
    return;
  }
  used.state = Channel::State::in_flight;
  advance();
}

bool CurlTransport::finished(HttpChannel channel, HttpReply& reply) {
  Channel& used = *channels_[channel];
  if (used.state == Channel::State::in_flight) advance();
  if (used.state != Channel::State::ended) return false;
  reply = std::move(used.reply);
  used.state = Channel::State::idle;
  return true;
}

bool CurlTransport::is_looking_up(HttpChannel channel) const noexcept {
  const Channel& used = *channels_[channel];
  return used.state == Channel::State::in_flight && !has_address(used.handle);
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
  for (const auto& channel : channels_) {
    if (channel->state == Channel::State::in_flight) {
      curl_multi_remove_handle(multi_->handle, channel->handle);
    }
    channel->state = Channel::State::idle;
  }
}

void CurlTransport::wake() noexcept {
  is_woken_.store(true, std::memory_order_release);
  curl_multi_wakeup(multi_->handle);
}

void CurlTransport::advance() noexcept {
  const ForksWait forks_wait;  // the TLS library has locks of the whole process
  int running = 0;
  curl_multi_perform(multi_->handle, &running);
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_->handle, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode result = message->data.result;  // the message dies with the removal
    Channel* channel = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &channel);
    curl_multi_remove_handle(multi_->handle, handle);
    channel->end(result);
  }
}

bool CurlTransport::has_ended_request() const noexcept {
  return std::any_of(channels_.begin(), channels_.end(),
                     [](const auto& channel) { return channel->state == Channel::State::ended; });
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
