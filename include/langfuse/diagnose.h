// "Did it arrive?": checks each step between this program and its project, with advice.
//
//   for (const langfuse::Check& check : langfuse::diagnose().checks) { … }
//
// For start-up code, health pages, and anybody who misses a trace; `langfuse-cpp doctor` prints the
// result. It makes requests to the server and sends one trace, so do not call it often.
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
  skipped,  // could not be made; `Check::seen` gives the reason
};

// The enumerator's name, for instance "ok"; never null.
LANGFUSE_API const char* to_string(CheckStatus status) noexcept;

// The checks, in their order. The numbers are never reused.
enum class CheckNumber : std::uint8_t {
  environment = 1,     // the settings in force, and the source of each
  enabled = 2,         // whether anything is sent, and why not
  address = 3,         // the server's address
  dns = 4,             // the name of the server, or of the proxy in front of it
  tcp = 5,             // the connection
  tls = 6,             // certificate: authority, host name, expiry
  proxy = 7,           // whether one is set, and lets requests through
  health = 8,          // whether the server is Langfuse, and what its version supports
  authentication = 9,  // the project that the keys belong to
  clock = 10,          // this machine's clock against the server's
  body_limit = 11,     // whether the server accepts a full batch
  canary = 12,         // one trace, sent and read back
};
constexpr int check_count = 12;

// The enumerator's name, for instance "body_limit"; never null.
LANGFUSE_API const char* to_string(CheckNumber number) noexcept;

struct Check {
  CheckNumber number = CheckNumber::environment;
  CheckStatus status = CheckStatus::skipped;
  std::string seen;    // the finding: one line, without secrets
  std::string advice;  // what to do; empty: nothing
};

struct Diagnosis {
  std::vector<Check> checks;  // all of them, by number; empty only for lack of memory

  // Facts; empty where they are not known.
  std::string project;  // the name of the project that the keys belong to
  std::string project_id;
  std::string organization;     // the name of its organization
  std::string environment;      // `Config::environment`; empty: `default`
  std::string server_version;   // for instance "4.16.0"
  std::string canary_trace_id;  // 32 lower-case hexadecimal digits
  std::string canary_url;       // the address of the canary's page
  double sample_rate = 1.0;
  bool has_clock_skew = false;          // whether `clock_skew_seconds` is known
  std::int64_t clock_skew_seconds = 0;  // server's clock minus ours, to about a second

  // The number of the first check that failed; 0: none failed.
  int first_failed() const noexcept {
    for (const Check& check : checks) {
      if (check.status == CheckStatus::failed) return static_cast<int>(check.number);
    }
    return 0;
  }
  bool ok() const noexcept { return !checks.empty() && first_failed() == 0; }
};

// Makes all checks, and returns within `timeout` (default 10 s) even if the server hangs. A check
// that an earlier failure prevents is `skipped`. When the library is switched off, nothing is
// requested or sent.
//
// With `config`, it checks what `init(config)` would do. Without, it checks the running client, or,
// if none runs, the environment.
//
// The canary is one trace named `langfuse.diagnose`, sent whatever the sample rate is. If the
// running client is checked, it goes through that client's queue and background thread; otherwise
// it is sent directly. A canary that is accepted but not readable in time is a `warning`: Langfuse
// Cloud takes up to 30 s to show it. On a thread of the library (`on_error` and other callbacks) it
// is skipped.
//
// Any thread; blocks.
LANGFUSE_API Diagnosis diagnose() noexcept;
LANGFUSE_API Diagnosis diagnose(Timeout timeout) noexcept;
LANGFUSE_API Diagnosis diagnose(const Config& config) noexcept;
LANGFUSE_API Diagnosis diagnose(const Config& config, Timeout timeout) noexcept;

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/diagnose_stubs.h"
#endif
