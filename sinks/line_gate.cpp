#include "langfuse/sinks/log_line.h"

#include <exception>

#include "langfuse/langfuse.h"
#include "model/clock.h"
#include "sinks/line_rate_limits.h"
#include "tracing/observation_lines.h"

namespace langfuse {
inline namespace v0_1 {

LineGate::LineGate(const LineOptions& options) noexcept
    : options_(options),
      is_wide_open_(!options.drop_outside_scopes && !options.into_observations &&
                    options.max_per_second == 0 && options.max_per_call_site == 0) {
  if (options.into_observations) internal::expect_observation_lines();
  if (options.max_per_second == 0 && options.max_per_call_site == 0) return;
  try {
    limits_ =
        std::make_shared<internal::LineLimits>(options.max_per_second, options.max_per_call_site);
    // So that what is held back is told before the process ends.
    flush_source_ = register_flush_source("log line limits",
                                          [limits = limits_](std::int64_t) { limits->tell_all(); });
  } catch (const std::exception&) {
    return;  // no memory: without limits, or told only by the lines that follow
  }
}

LineGate::~LineGate() {
  if (limits_ == nullptr) return;
  unregister_flush_source(flush_source_);
  limits_->tell_all();
}

bool LineGate::submit_by_options(const LogLine& line) noexcept {
  if (limits_ != nullptr && !limits_->admit(line, internal::steady_now_ns())) return false;
  LogLine changed = line;
  changed.drop_outside_scopes |= options_.drop_outside_scopes;
  changed.into_observations |= options_.into_observations;
  return langfuse::submit(changed);
}

}  // namespace v0_1
}  // namespace langfuse
