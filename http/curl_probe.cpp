#include "http/curl_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <new>
#include <string_view>

#include "http/curl_easy.h"
#include "model/lower_case.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t most_body_bytes = 64 * 1024;

struct EasyDeleter {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};

std::string address_in_words(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address->sa_family == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address);
    if (inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size()) == nullptr) return {};
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4->sin_port));
  }
  if (address->sa_family == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
    if (inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size()) == nullptr) return {};
    std::string words = "[";
    return words.append(text.data()).append("]:").append(std::to_string(ntohs(v6->sin6_port)));
  }
  return {};
}

// libcurl calls these during the request, on the thread that makes it.
// libcurl's frames lie between them and us: nothing may be thrown through those. What finds no
// memory stays unknown.
curl_socket_t open_noted_socket(void* reply, curlsocktype, curl_sockaddr* address) noexcept {
  try {
    static_cast<ProbeReply*>(reply)->peer = address_in_words(&address->addr);
  } catch (const std::bad_alloc&) {
    static_cast<ProbeReply*>(reply)->peer.clear();
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// libcurl's time of the connection includes TLS, where the two are made in one go; who has a peer
// was connected.
int close_socket(void* has_connected, curl_socket_t socket) noexcept {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    *static_cast<bool*>(has_connected) = true;
  }
  return close(socket);
}

std::size_t receive_body(char* data, std::size_t size, std::size_t count, void* reply) noexcept {
  std::string& body = static_cast<ProbeReply*>(reply)->http.body;
  const std::size_t bytes = size * count;
  try {
    body.append(data, std::min(bytes, most_body_bytes - body.size()));
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return body.size() < most_body_bytes ? bytes : 0;  // 0 ends the transfer
}

void read_date(std::string_view line, ProbeReply& reply) {
  constexpr std::string_view wanted = "date:";
  if (begins_in_either_case(line, wanted)) {
    const std::time_t date = curl_getdate(std::string(line.substr(wanted.size())).c_str(), nullptr);
    if (date != -1) reply.date = date;
  }
}

std::size_t receive_header(char* data, std::size_t size, std::size_t count, void* reply) noexcept {
  try {
    read_date(std::string_view(data, size * count), *static_cast<ProbeReply*>(reply));
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return size * count;
}

// The body is not sent: that nothing forbade it was all there was to learn.
std::size_t refuse_to_send(char*, std::size_t, std::size_t, void*) noexcept {
  return CURL_READFUNC_ABORT;
}

std::chrono::microseconds time_of(CURL* handle, CURLINFO which) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle, which, &microseconds);
  return std::chrono::microseconds(microseconds);
}

// A field of the server's certificate, which is the first of the chain; empty where it is unknown.
// `name`: with its colon.
std::string certificate_field(CURL* handle, std::string_view name) {
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr ||
      chain->num_of_certs < 1) {
    return {};
  }
  for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
    const std::string_view text(line->data);
    if (text.substr(0, name.size()) == name) return std::string(text.substr(name.size()));
  }
  return {};
}

ProbeStage stage_of_failure(CURL* handle, CURLcode result, const ProbeReply& reply,
                            bool is_encrypted, bool has_connected) {
  long proxy_status = 0;
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  if (proxy_status >= 300) return ProbeStage::proxy;
  switch (result) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return ProbeStage::proxy;
    case CURLE_COULDNT_RESOLVE_HOST:
      return ProbeStage::name;
    case CURLE_COULDNT_CONNECT:
      return ProbeStage::connection;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return ProbeStage::tls;
    default:  // a time limit or a broken connection, which may come anywhere
      break;
  }
  if (reply.peer.empty()) return ProbeStage::name;
  if (!has_connected && reply.connected.count() == 0) return ProbeStage::connection;
  if (is_encrypted && reply.secured.count() == 0) return ProbeStage::tls;
  return ProbeStage::answer;
}

// One request's handle and what belongs to it.
class Probe {
 public:
  Probe(const CurlOptions& options, const ProbeRequest& request, std::chrono::milliseconds timeout);

  ProbeReply perform();

 private:
  const bool is_encrypted_;
  HeaderList headers_;
  std::string defect_;
  ProbeReply reply_;
  bool has_connected_ = false;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  // Goes first, because it may still use all of the above.
  const std::unique_ptr<CURL, EasyDeleter> handle_{curl_easy_init()};
};

Probe::Probe(const CurlOptions& options, const ProbeRequest& request,
             std::chrono::milliseconds timeout)
    : is_encrypted_(request.url[4] != ':') {  // "http:" or "https:", in any case
  if (handle_ == nullptr) throw std::bad_alloc();
  append_common_headers(headers_, options);
  OptionSetter setter(handle_.get());
  setter.required(CURLOPT_URL, request.url);
  set_common_options(setter, options, timeout);
  if (request.with_credentials) set_credentials(setter, options);
  if (!request.content_type.empty()) {
    append_header(headers_, "Content-Type: " + request.content_type);
    setter.required(CURLOPT_POST, 1);
    if (request.announced_bytes == 0) setter.required(CURLOPT_COPYPOSTFIELDS, std::string());
  }
  if (request.announced_bytes > 0) {
    append_header(headers_, "Expect: 100-continue");
    setter.required(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.announced_bytes),
                    std::true_type());
    setter.required_pointer(CURLOPT_READFUNCTION, &refuse_to_send);
  }
  setter.required_pointer(CURLOPT_HTTPHEADER, headers_.get());
  setter.required_pointer(CURLOPT_OPENSOCKETFUNCTION, &open_noted_socket);
  setter.required_pointer(CURLOPT_OPENSOCKETDATA, &reply_);
  setter.required_pointer(CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
  setter.required_pointer(CURLOPT_CLOSESOCKETDATA, &has_connected_);
  setter.required_pointer(CURLOPT_HEADERFUNCTION, &receive_header);
  setter.required_pointer(CURLOPT_HEADERDATA, &reply_);
  setter.required_pointer(CURLOPT_WRITEFUNCTION, &receive_body);
  setter.required_pointer(CURLOPT_WRITEDATA, &reply_);
  setter.required_pointer(CURLOPT_ERRORBUFFER, error_text_.data());
  setter.optional(CURLOPT_CERTINFO, 1L);
  defect_ = setter.defect();
}

ProbeReply Probe::perform() {
  if (!defect_.empty()) {
    reply_.http.error = defect_;
    return std::move(reply_);
  }
  CURL* const handle = handle_.get();
  const auto began = std::chrono::steady_clock::now();
  const CURLcode result = curl_easy_perform(handle);
  reply_.http.duration = std::chrono::steady_clock::now() - began;
  read_answer(handle, result, error_text_.data(), reply_.http);
  reply_.resolved = time_of(handle, CURLINFO_NAMELOOKUP_TIME_T);
  reply_.connected = time_of(handle, CURLINFO_CONNECT_TIME_T);
  reply_.secured = time_of(handle, CURLINFO_APPCONNECT_TIME_T);
  const std::time_t expires =
      curl_getdate(certificate_field(handle, "Expire date:").c_str(), nullptr);
  if (expires != -1) reply_.certificate_expires = expires;
  reply_.certificate_issuer = certificate_field(handle, "Issuer:");
  if (!reply_.http.error.empty()) {
    reply_.failed_at = stage_of_failure(handle, result, reply_, is_encrypted_, has_connected_);
  }
  return std::move(reply_);
}

}  // namespace

ProbeReply probe(const CurlOptions& options, const ProbeRequest& request, SteadyTime deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) {
    ProbeReply reply;
    reply.http.error = "no time was left";
    reply.failed_at = ProbeStage::name;
    return reply;
  }
  return Probe(options, request, std::min(left, options.timeout)).perform();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
