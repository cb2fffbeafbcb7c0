// "Did it arrive?": checks everything between this program and its project, and says what to do.
//
//   for (const langfuse::Check& check : langfuse::diagnose().checks) { … }
//
// For start-up code, health pages and people who look for a trace; the program `langfuse-cpp
// doctor` prints what it returns. It asks the server and sends one trace: nothing for a hot path.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

enum class CheckStatus : std::uint8_t {
  ok,
  warning,  // works, but not as it should, or not yet
  failed,
  skipped,  // could not be made; `Check::seen` says why
};

// The enumerator's name, for instance "ok"; never null.
LANGFUSE_API const char* to_string(CheckStatus status) noexcept;

// What is checked, in this order. The numbers are never reused.
enum class CheckNumber : std::uint8_t {
  environment = 1,     // which settings are in force, and what set them
  enabled = 2,         // whether anything is sent, and why not
  address = 3,         // where to
  dns = 4,             // the name of the server, or of the proxy in front of it
  tcp = 5,             // the connection
  tls = 6,             // certificate: authority, host name, expiry
  proxy = 7,           // which one is set, and whether it lets us through
  health = 8,          // whether Langfuse is there, and what its version means for us
  authentication = 9,  // whose keys these are
  clock = 10,          // this machine's clock against the server's
  body_limit = 11,     // whether a full batch is taken
  canary = 12,         // one trace, sent and read back
};
constexpr int check_count = 12;

// The enumerator's name, for instance "body_limit"; never null.
LANGFUSE_API const char* to_string(CheckNumber number) noexcept;

struct Check {
  CheckNumber number = CheckNumber::environment;
  CheckStatus status = CheckStatus::skipped;
  std::string seen;    // one line, without secrets
  std::string advice;  // what to do; empty: nothing
};

struct Diagnosis {
  std::vector<Check> checks;  // all of them, by number; empty only when there was no memory

  // Facts; empty where they could not be found out.
  std::string project;  // the name of the project that the keys belong to
  std::string project_id;
  std::string organization;     // the name of its organization
  std::string environment;      // `Config::environment`; empty: `default`
  std::string server_version;   // for instance "4.16.0"
  std::string canary_trace_id;  // 32 lower-case hexadecimal digits
  std::string canary_url;       // where the trace can be looked at
  double sample_rate = 1.0;
  bool has_clock_skew = false;          // whether `clock_skew_seconds` is known
  std::int64_t clock_skew_seconds = 0;  // the server's clock less ours; exact to about a second

  // The number of the first check that failed; 0: none did.
  int first_failed() const noexcept {
    for (const Check& check : checks) {
      if (check.status == CheckStatus::failed) return static_cast<int>(check.number);
    }
    return 0;
  }
  bool ok() const noexcept { return !checks.empty() && first_failed() == 0; }
};

// Makes all checks and returns within `timeout` (default 10 s), whatever hangs. A check that cannot
// run because an earlier one failed is `skipped`. With `config`, it checks what `init(config)`
// would do; without, the running client, or where none runs, the environment. The canary takes the
// client's own way (queue and background thread) where one runs and no `config` is given; otherwise
// it is sent directly. It is one trace named `langfuse.diagnose`, whatever the sample rate. A
// canary that was accepted and is not readable in time is `warning`: the cloud takes up to 30 s to
// show it. When the library is switched off, nothing is asked or sent. Any thread; blocks. On a
// thread of the library (`on_error` and other callbacks) the canary is skipped.
LANGFUSE_API Diagnosis diagnose() noexcept;
LANGFUSE_API Diagnosis diagnose(Timeout timeout) noexcept;
LANGFUSE_API Diagnosis diagnose(const Config& config) noexcept;
LANGFUSE_API Diagnosis diagnose(const Config& config, Timeout timeout) noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/diagnose_stubs.h"
#endif
