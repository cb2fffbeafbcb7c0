// The settings in force: `Config`, the environment and the defaults, resolved once by `init`.
//
// Plain data. `resolve` (in `config.cpp`) makes it by the table of settings, and finds all problems
// at once; later code need not check anything again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/config.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct Settings {
  // The defaults of the table in `setting_table.cpp`.
  Settings();

  std::string public_key;
  std::string secret_key;
  std::string base_url;    // without a trailing slash
  std::string traces_url;  // complete
  std::string scores_url;  // the server that accepts scores, without a trailing slash
  std::string project_id;  // empty: not known
  std::string service_name;
  std::string environment;  // empty: none
  std::string release;      // empty: none
  bool debug{};
  double sample_rate{};
  std::size_t flush_at{};
  Seconds flush_interval{};
  std::size_t batch_max_bytes{};
  std::size_t queue_max_records{};
  std::size_t queue_max_bytes{};
  std::size_t value_max_bytes{};
  std::size_t record_max_bytes{};
  Seconds timeout{};
  Seconds flush_timeout{};
  Seconds shutdown_timeout{};
  Seconds exit_timeout{};
  bool exit_hook{};
  Compression compression = Compression::gzip;
  std::string ca_file;
  std::string no_proxy;  // hosts reached without a proxy: the environment's `no_proxy`
  // "https_proxy is proxy.test:3128": the proxy that libcurl finds in the environment for the base
  // address, without credentials; empty: none. Only for messages.
  std::string proxy_in_words;
  std::vector<std::pair<std::string, std::string>> headers;
  bool drop_lines_outside_scopes{};
  bool capture_io{};
  std::function<bool(const SamplingInput&)> sampler;
  bool keep_on_error{};
  std::size_t held_max_traces{};
  std::size_t held_max_bytes{};
  std::function<std::string(std::string_view)> mask;
  std::function<void(const Diagnostic&)> on_error;
  std::function<void(const BatchReport&)> on_batch;
  std::function<void(DropReason, std::uint64_t)> on_drop;
  // Each of the above with its source, "flush_at = 512 (LANGFUSE_FLUSH_AT)", secrets masked: for
  // LANGFUSE_DEBUG and `diagnose`.
  std::vector<std::string> in_force;
};

// The result of `resolve`.
struct Resolution {
  Settings settings;
  Error error;                        // every problem, one a line
  std::vector<std::string> warnings;  // values that are in force and look wrong
  std::string why_disabled;           // names the setting; empty: enabled
};

// Resolves each setting from `config`, else the environment, else its default. Throws only for lack
// of memory.
Resolution resolve(const Config& config);

// The server's rule for names of environments; it shows a name that breaks the rule as `default`.
// An empty name means none, and is valid.
bool is_environment_name(std::string_view name) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
