#include "pipeline/settings/setting_table.h"

#include <algorithm>
#include <iterator>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t mib = 1024 * 1024;
constexpr std::size_t most_bytes = 1024 * mib;  // half of what protobuf can say
constexpr std::size_t most_records = 100'000'000;

bool is_project_id(std::string_view text) noexcept {
  return text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
         std::string_view::npos;
}

using C = Config;
using S = Settings;

// clang-format off
constexpr SettingRow rows[] = {
    // Where to
    {{"public_key", {"LANGFUSE_PUBLIC_KEY"}}, Special{""}},
    {{"secret_key", {"LANGFUSE_SECRET_KEY"}}, Special{""}},
    {{"base_url", {"LANGFUSE_BASE_URL", "LANGFUSE_HOST", "LANGFUSE_BASEURL"}},
     Special{"https://cloud.langfuse.com"}},
    {{"traces_export_path", {"LANGFUSE_OTEL_TRACES_EXPORT_PATH"}},
     Special{"api/public/otel/v1/traces"}},
    {{"project_id", {"LANGFUSE_CPP_PROJECT_ID"}},
     FreeText{&C::project_id, &S::project_id, is_project_id, "letters, digits, -, _ and ."}},
    {{"scores_url", {"LANGFUSE_CPP_SCORES_URL"}}, Special{"base_url"}},
    {{"ca_file", {"LANGFUSE_CPP_CA_FILE"}}, FreeText{&C::ca_file, &S::ca_file, nullptr, nullptr}},
    {{"headers", {}}, InCode{}},
    {{"compression", {"LANGFUSE_CPP_COMPRESSION"}},
     Special{"none to a loopback address, else gzip"}},
    {{"timeout", {"LANGFUSE_TIMEOUT"}}, Duration{&C::timeout, &S::timeout, 5, false}},

    // What about
    {{"enabled", {"LANGFUSE_TRACING_ENABLED", "LANGFUSE_ENABLED"}}, Special{"true"}},
    {{"service_name", {"OTEL_SERVICE_NAME"}}, Special{"the executable's name"}},
    {{"environment", {"LANGFUSE_TRACING_ENVIRONMENT"}},
     FreeText{&C::environment, &S::environment, is_environment_name,
          "at most 40 lower-case letters, digits, - and _, not beginning with langfuse"}},
    // After the first, those of CI systems, in the order of the Python SDK.
    {{"release",
      {"LANGFUSE_RELEASE", "RENDER_GIT_COMMIT", "CI_COMMIT_SHA", "CIRCLE_SHA1", "SOURCE_VERSION",
       "TRAVIS_COMMIT", "GIT_COMMIT", "GITHUB_SHA", "BITBUCKET_COMMIT", "BUILD_SOURCEVERSION",
       "DRONE_COMMIT_SHA"}},
     FreeText{&C::release, &S::release, nullptr, nullptr}},
    {{"sample_rate", {"LANGFUSE_SAMPLE_RATE"}}, Share{&C::sample_rate, &S::sample_rate, 1}},
    {{"sampler", {}}, InCode{}},
    {{"keep_on_error", {"LANGFUSE_CPP_KEEP_ON_ERROR"}},
     Toggle{&C::keep_on_error, &S::keep_on_error, false}},
    {{"held_max_traces", {"LANGFUSE_CPP_HELD_MAX_TRACES"}},
     Count{&C::held_max_traces, &S::held_max_traces, 64, most_records}},
    {{"held_max_bytes", {"LANGFUSE_CPP_HELD_MAX_BYTES"}},
     Count{&C::held_max_bytes, &S::held_max_bytes, 4 * mib, most_bytes}},
    {{"mask", {}}, InCode{}},
    {{"drop_lines_outside_scopes", {"LANGFUSE_CPP_DROP_LINES_OUTSIDE_SCOPES"}},
     Toggle{&C::drop_lines_outside_scopes, &S::drop_lines_outside_scopes, false}},
    {{"capture_io", {"LANGFUSE_OBSERVE_DECORATOR_IO_CAPTURE_ENABLED"}},
     Toggle{&C::capture_io, &S::capture_io, false}},
    {{"debug", {"LANGFUSE_DEBUG"}}, Toggle{&C::debug, &S::debug, false}},
    {{"on_error", {}}, InCode{}},
    {{"on_batch", {}}, InCode{}},
    {{"on_drop", {}}, InCode{}},

    // When, and how much
    {{"flush_at", {"LANGFUSE_FLUSH_AT"}}, Count{&C::flush_at, &S::flush_at, 512, most_records}},
    {{"flush_interval", {"LANGFUSE_FLUSH_INTERVAL"}},
     Duration{&C::flush_interval, &S::flush_interval, 5, false}},
    {{"batch_max_bytes", {"LANGFUSE_CPP_BATCH_MAX_BYTES"}},
     Count{&C::batch_max_bytes, &S::batch_max_bytes, 4'000'000, most_bytes}},
    {{"queue_max_records", {"LANGFUSE_CPP_QUEUE_MAX_RECORDS"}},
     Count{&C::queue_max_records, &S::queue_max_records, 32'768, most_records}},
    {{"queue_max_bytes", {"LANGFUSE_CPP_QUEUE_MAX_BYTES"}},
     Count{&C::queue_max_bytes, &S::queue_max_bytes, 64 * mib, 1024 * most_bytes}},
    {{"value_max_bytes", {"LANGFUSE_CPP_VALUE_MAX_BYTES"}},
     Count{&C::value_max_bytes, &S::value_max_bytes, mib, most_bytes}},
    {{"record_max_bytes", {"LANGFUSE_CPP_RECORD_MAX_BYTES"}},
     Count{&C::record_max_bytes, &S::record_max_bytes, 4 * mib, most_bytes}},

    // How long to wait
    {{"flush_timeout", {"LANGFUSE_CPP_FLUSH_TIMEOUT"}},
     Duration{&C::flush_timeout, &S::flush_timeout, 10, true}},
    {{"shutdown_timeout", {"LANGFUSE_CPP_SHUTDOWN_TIMEOUT"}},
     Duration{&C::shutdown_timeout, &S::shutdown_timeout, 5, true}},
    {{"exit_timeout", {"LANGFUSE_CPP_EXIT_TIMEOUT"}},
     Duration{&C::exit_timeout, &S::exit_timeout, 2, true}},
    {{"exit_hook", {"LANGFUSE_CPP_EXIT_HOOK"}}, Toggle{&C::exit_hook, &S::exit_hook, true}},
};
// clang-format on

// Sets the default of a row in `settings`.
struct SetDefault {
  Settings& settings;

  template <class Kind>
  void operator()(const Kind& kind) const {
    settings.*kind.setting = kind.by_default;
  }
  void operator()(const Duration& kind) const { settings.*kind.setting = Seconds(kind.by_default); }
  void operator()(const FreeText&) const {}
  void operator()(const Special&) const {}
  void operator()(const InCode&) const {}
};

}  // namespace

Settings::Settings() {
  for (const SettingRow& row : rows) std::visit(SetDefault{*this}, row.kind);
}

SettingTable setting_table() noexcept {
  return {std::begin(rows), std::end(rows)};
}

const SettingRow& setting_row(std::string_view field) noexcept {
  return *std::find_if(std::begin(rows), std::end(rows),
                       [field](const SettingRow& row) { return row.name.field == field; });
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
