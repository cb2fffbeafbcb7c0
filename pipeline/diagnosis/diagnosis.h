// The checks behind `diagnose`, for given settings.
#pragma once

#include <string>

#include "http/curl_probe.h"
#include "langfuse/diagnose.h"
#include "model/clock.h"
#include "pipeline/client.h"
#include "pipeline/diagnosis/server_facts.h"
#include "pipeline/remarks.h"
#include "pipeline/settings/settings.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The subject of the checks.
struct Subject {
  Resolution resolution;
  Client* client = nullptr;  // the canary is sent through it; null: sent directly
  Remark remark;             // about this process; empty if the subject is another configuration
  std::string why_idle;      // why this process sends nothing with these settings; empty: it does
};

// The checks are in `setting_checks.cpp`, `connection_checks.cpp` and `server_checks.cpp`. Used
// once. Blocks until the deadline at most; throws only for lack of memory.
class Examination {
 public:
  Examination(const Subject& subject, SteadyTime deadline);

  Diagnosis run();

 private:
  void check_environment();
  void check_enabled();
  void check_address();
  void check_dns();
  void check_tcp();
  void check_tls();
  void check_proxy();
  void check_health();
  void look_for_collector(const HttpReply& health);
  void check_authentication();
  void check_clock();
  void check_body_limit();
  void check_canary();

  static std::string status_of(const HttpReply& reply);
  ProbeReply ask(const std::string& path, bool with_keys) const;
  bool ended_at(ProbeStage stage) const noexcept;
  std::string proxy_hint() const;
  void add(CheckNumber number, CheckStatus status, const std::string& seen,
           const std::string& advice = {});
  // Adds a failed check without which the later ones cannot run.
  void fail(CheckNumber number, const std::string& seen, const std::string& advice);

  const Subject& subject_;
  const Settings& settings_;
  const SteadyTime deadline_;
  Diagnosis diagnosis_;
  std::string blocked_;        // why no further check can run; empty: they can
  ProbeReply health_;          // the answer of /api/public/health, and the way there
  std::int64_t asked_at_ = 0;  // our clock then, seconds since the Unix epoch
  bool is_collector_ = false;  // an OpenTelemetry Collector stands where Langfuse was expected
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
