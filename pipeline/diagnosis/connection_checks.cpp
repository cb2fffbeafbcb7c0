// The checks of the way to the server: dns, tcp, tls, proxy.

#include <chrono>
#include <cstdint>
#include <string>

#include "model/clock.h"
#include "pipeline/diagnosis/diagnosis.h"
#include "pipeline/settings/url.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t certificate_warning_days = 14;
constexpr std::int64_t seconds_a_day = 24 * 60 * 60;

std::string in_milliseconds(microseconds time) {
  return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() / 100 % 10) +
         " ms";
}

std::int64_t wall_now_seconds() noexcept {
  return wall_now_ns() / 1'000'000'000;
}

}  // namespace

void Examination::check_dns() {
  if (ended_at(ProbeStage::name)) {
    fail(CheckNumber::dns, health_.http.error,
         "check the host in LANGFUSE_BASE_URL, and this machine's name server" + proxy_hint());
  } else if (ended_at(ProbeStage::proxy)) {
    add(CheckNumber::dns, CheckStatus::skipped, "the proxy comes first");
  } else {
    add(CheckNumber::dns, CheckStatus::ok, "resolved in " + in_milliseconds(health_.resolved));
  }
}

void Examination::check_tcp() {
  if (ended_at(ProbeStage::connection)) {
    fail(CheckNumber::tcp, health_.http.error,
         "check that the server runs there, the port in LANGFUSE_BASE_URL, and that no firewall "
         "stands between" +
             proxy_hint());
  } else if (ended_at(ProbeStage::proxy)) {
    add(CheckNumber::tcp, CheckStatus::skipped, "the proxy comes first");
  } else {
    add(CheckNumber::tcp, CheckStatus::ok,
        "connected to " + health_.peer + " in " + in_milliseconds(health_.connected));
  }
}

void Examination::check_tls() {
  if (ended_at(ProbeStage::tls)) {
    fail(CheckNumber::tls, health_.http.error,
         "check this machine's clock, and that the certificate is for this host; for a private "
         "authority, name its certificate in LANGFUSE_CPP_CA_FILE");
  } else if (is_plain_http(settings_.base_url)) {
    add(CheckNumber::tls, CheckStatus::skipped, "the address is http://, without TLS");
  } else if (ended_at(ProbeStage::proxy)) {
    add(CheckNumber::tls, CheckStatus::skipped, "the proxy comes first");
  } else if (!health_.certificate_expires.has_value()) {
    add(CheckNumber::tls, CheckStatus::ok, "the certificate is valid");
  } else {
    const std::int64_t days = (*health_.certificate_expires - wall_now_seconds()) / seconds_a_day;
    const std::string seen = "the certificate is valid for " + std::to_string(days) +
                             " days, issued by " + health_.certificate_issuer;
    if (days < certificate_warning_days) {
      add(CheckNumber::tls, CheckStatus::warning, seen, "renew the server's certificate");
    } else {
      add(CheckNumber::tls, CheckStatus::ok, seen);
    }
  }
}

void Examination::check_proxy() {
  const std::string& proxy = settings_.proxy_in_words;
  const bool is_refused = ended_at(ProbeStage::proxy) || health_.http.status == 407;
  if (is_refused) {
    fail(CheckNumber::proxy,
         proxy + ": " + (health_.http.error.empty() ? status_of(health_.http) : health_.http.error),
         "check the proxy's address and credentials, or name the server's host in no_proxy");
  } else if (proxy.empty()) {
    add(CheckNumber::proxy, CheckStatus::ok, "none is set");
  } else if (is_loopback(settings_.base_url)) {
    add(CheckNumber::proxy, CheckStatus::ok, proxy + ", which is not asked for this machine");
  } else {
    add(CheckNumber::proxy, CheckStatus::ok, proxy + "; the connection went to " + health_.peer);
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
