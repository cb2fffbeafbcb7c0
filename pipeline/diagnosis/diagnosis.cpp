#include "pipeline/diagnosis/diagnosis.h"

#include <utility>

#include "model/presentable.h"
#include "pipeline/settings/url.h"
#include "pipeline/stage_options.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

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
    asked_at_ = wall_now_ns() / 1'000'000'000;
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
