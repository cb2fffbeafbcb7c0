#include "langfuse/diagnose.h"

#include <chrono>
#include <exception>
#include <utility>

#include "http/curl_options.h"
#include "langfuse/config.h"
#include "model/clock.h"
#include "pipeline/client.h"
#include "pipeline/diagnosis/diagnosis.h"
#include "pipeline/settings/settings.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

constexpr std::chrono::seconds default_diagnose_timeout{10};

// What `diagnose()` is about when no configuration is given.
internal::Subject running_or_environment() {
  internal::Subject subject;
  subject.remark = internal::current_remark();
  internal::Client* const client = internal::Client::current_or_successor();
  if (client != nullptr && !client->is_closed()) {
    subject.resolution.settings = client->settings();
    subject.client = client;
  } else {
    subject.resolution = internal::resolve(Config{});
    subject.why_idle = why_disabled();
  }
  return subject;
}

internal::Subject configured(const Config& config) {
  internal::Subject subject;
  subject.resolution = internal::resolve(config);
  return subject;
}

template <class MakeSubject>
Diagnosis examine(Timeout timeout, MakeSubject make_subject) noexcept {
  const internal::SteadyTime deadline = internal::saturating_add(
      std::chrono::steady_clock::now(), std::chrono::nanoseconds(timeout.nanoseconds()));
  const internal::CancellationGuard no_cancellation;
  try {
    internal::initialise_curl();
    return internal::Examination(make_subject(), deadline).run();
  } catch (const std::exception&) {
    return {};  // no memory, by contract
  }
}

}  // namespace

const char* to_string(CheckStatus status) noexcept {
  switch (status) {
    case CheckStatus::ok:
      return "ok";
    case CheckStatus::warning:
      return "warning";
    case CheckStatus::failed:
      return "failed";
    case CheckStatus::skipped:
      return "skipped";
  }
  return "unknown";
}

const char* to_string(CheckNumber number) noexcept {
  switch (number) {
    case CheckNumber::environment:
      return "environment";
    case CheckNumber::enabled:
      return "enabled";
    case CheckNumber::address:
      return "address";
    case CheckNumber::dns:
      return "dns";
    case CheckNumber::tcp:
      return "tcp";
    case CheckNumber::tls:
      return "tls";
    case CheckNumber::proxy:
      return "proxy";
    case CheckNumber::health:
      return "health";
    case CheckNumber::authentication:
      return "authentication";
    case CheckNumber::clock:
      return "clock";
    case CheckNumber::body_limit:
      return "body_limit";
    case CheckNumber::canary:
      return "canary";
  }
  return "unknown";
}

Diagnosis diagnose() noexcept {
  return diagnose(default_diagnose_timeout);
}

Diagnosis diagnose(Timeout timeout) noexcept {
  return examine(timeout, running_or_environment);
}

Diagnosis diagnose(const Config& config) noexcept {
  return diagnose(config, default_diagnose_timeout);
}

Diagnosis diagnose(const Config& config, Timeout timeout) noexcept {
  return examine(timeout, [&config] { return configured(config); });
}

}  // namespace v0_1
}  // namespace langfuse
