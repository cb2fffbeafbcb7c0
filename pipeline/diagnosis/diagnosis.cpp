#include "pipeline/diagnosis/diagnosis.h"

#include <algorithm>
#include <chrono>

#include "model/presentable.h"
#include "pipeline/settings/setting_values.h"
#include "pipeline/settings/url.h"
#include "pipeline/stage_options.h"

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

Examination::Examination(const Subject& subject, SteadyTime deadline)
    : subject_(subject), settings_(subject.resolution.settings), deadline_(deadline) {}

Diagnosis Examination::run() {
  diagnosis_.environment = settings_.environment;
  diagnosis_.sample_rate = settings_.sample_rate;
  check_environment();
  check_enabled();
  check_address();
  if (blocked_.empty()) {
    health_ = ask("/api/public/health", false);
    asked_at_ = wall_now_seconds();
  }
  using Step = std::pair<CheckNumber, void (Examination::*)()>;
  for (const Step& step : {Step(CheckNumber::dns, &Examination::check_dns),
                           Step(CheckNumber::tcp, &Examination::check_tcp),
                           Step(CheckNumber::tls, &Examination::check_tls),
                           Step(CheckNumber::proxy, &Examination::check_proxy),
                           Step(CheckNumber::health, &Examination::check_health),
                           Step(CheckNumber::authentication, &Examination::check_authentication),
                           Step(CheckNumber::clock, &Examination::check_clock),
                           Step(CheckNumber::body_limit, &Examination::check_body_limit),
                           Step(CheckNumber::canary, &Examination::check_canary)}) {
    if (blocked_.empty()) {
      (this->*step.second)();
    } else {
      add(step.first, CheckStatus::skipped, blocked_);
    }
  }
  return std::move(diagnosis_);
}

void Examination::check_environment() {
  // What is not said has its default, which is of no interest here.
  constexpr std::string_view by_default = " (default)";
  std::string seen;
  for (const std::string& line : settings_.in_force) {
    const bool is_default =
        line.size() >= by_default.size() &&
        line.compare(line.size() - by_default.size(), by_default.size(), by_default.data()) == 0;
    if (!is_default) seen += (seen.empty() ? "" : "; ") + line;
  }
  if (seen.empty()) seen = "no setting is given: all have their defaults";
  const Error& problems = subject_.resolution.error;
  if (!problems) {
    add(CheckNumber::environment, CheckStatus::ok, seen);
    return;
  }
  std::string lines = problems.message;
  std::replace(lines.begin(), lines.end(), '\n', ';');
  add(CheckNumber::environment, CheckStatus::warning, lines + "; " + seen,
      "correct these settings, or unset them");
}

void Examination::check_enabled() {
  const std::string& why_not = subject_.resolution.why_disabled;
  if (!why_not.empty()) {
    fail(CheckNumber::enabled, why_not,
         "set LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and LANGFUSE_BASE_URL as the project's "
         "settings show them, in the environment of this process, and do not switch tracing off");
    return;
  }
  const Remark& remark = subject_.remark;
  const std::string rate =
      "sample rate " + in_words(settings_.sample_rate) + ", environment " +
      (settings_.environment.empty() ? std::string("default")
                                     : in_quotes(settings_.environment, Secrets())) +
      (remark.seen.empty() ? "" : "; ") + remark.seen;
  if (!subject_.why_idle.empty()) {
    add(CheckNumber::enabled, CheckStatus::warning,
        "these settings allow it, and this process sends nothing: " + subject_.why_idle,
        "call langfuse::init() before the first observation");
  } else if (settings_.sample_rate < 1) {
    add(CheckNumber::enabled, CheckStatus::warning, rate,
        "a trace that is not in the sample is not sent: set LANGFUSE_SAMPLE_RATE to 1 to see all");
  } else if (!remark.advice.empty()) {
    add(CheckNumber::enabled, CheckStatus::warning, rate, remark.advice);
  } else {
    add(CheckNumber::enabled, CheckStatus::ok, rate);
  }
}

void Examination::check_address() {
  if (settings_.base_url.empty()) {
    // The reason is in the problems of check 1 already.
    fail(CheckNumber::address, "there is none that can be used",
         "set LANGFUSE_BASE_URL, for instance to https://cloud.langfuse.com");
  } else if (!subject_.resolution.warnings.empty()) {
    add(CheckNumber::address, CheckStatus::warning, subject_.resolution.warnings.front(),
        "see docs/configuration.md");
  } else {
    add(CheckNumber::address, CheckStatus::ok, settings_.traces_url);
  }
}

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

ProbeReply Examination::ask(const std::string& path, bool with_keys) const {
  ProbeRequest request;
  request.url = settings_.base_url + path;
  request.with_credentials = with_keys;
  return probe(curl_options(settings_), request, deadline_);
}

bool Examination::ended_at(ProbeStage stage) const noexcept {
  return !health_.http.error.empty() && health_.failed_at == stage;
}

std::string Examination::proxy_hint() const {
  return settings_.proxy_in_words.empty() || is_loopback(settings_.base_url)
             ? std::string()
             : "; the way goes through a proxy: " + settings_.proxy_in_words;
}

void Examination::add(CheckNumber number, CheckStatus status, const std::string& seen,
                      const std::string& advice) {
  diagnosis_.checks.push_back(
      {number, status, presentable(seen, Secrets(settings_.secret_key)), advice});
}

void Examination::fail(CheckNumber number, const std::string& seen, const std::string& advice) {
  add(number, CheckStatus::failed, seen, advice);
  // The first reason is the one to mend.
  if (!blocked_.empty()) return;
  blocked_ =
      "check " + std::to_string(static_cast<int>(number)) + " (" + to_string(number) + ") failed";
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
