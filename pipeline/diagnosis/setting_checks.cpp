// The checks that need nobody else: environment, enabled, address.

#include <algorithm>
#include <string>
#include <string_view>

#include "model/presentable.h"
#include "pipeline/diagnosis/diagnosis.h"
#include "pipeline/settings/setting_values.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

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

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
