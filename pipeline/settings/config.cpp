#include "langfuse/config.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "pipeline/settings/environment.h"
#include "pipeline/settings/setting_reader.h"
#include "pipeline/settings/setting_values.h"
#include "pipeline/settings/settings.h"
#include "pipeline/settings/url.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t most_bytes = 1024 * 1024 * 1024;  // half of what protobuf can say
constexpr std::size_t most_records = 100'000'000;
constexpr std::size_t longest_key = 256;

// Why a header cannot be sent; null when it can.
const char* header_problem(const std::string& name, const std::string& value) {
  if (!is_header_name(name)) {
    return "has a name that is not a token of letters, digits and !#$%&'*+-.^_`|~";
  }
  if (is_header_of_ours(name)) return "is set by the library and cannot be changed";
  if (!is_printable_ascii(value)) {
    return "has a value with a line break, another control character, or a character outside ASCII";
  }
  return nullptr;
}

class Resolver {
 public:
  explicit Resolver(const Config& config) : config_(config) {
    reader_.hide(reader_.text(secret_name_, config.secret_key).value);
  }

  Resolution resolve();

 private:
  bool resolve_switches();  // false: switched off
  bool resolve_keys();      // false: neither key is set
  bool is_sound_key(const Name& name, const SettingText& key, bool is_public);
  void resolve_identity();
  void resolve_addresses();
  bool is_sound_address(const Name& name, SettingText& url);
  void warn_of_plain_http(const Name& name, const SettingText& url);
  void resolve_transport();
  void resolve_proxy();
  void resolve_limits();
  void resolve_times();
  void resolve_headers();

  const Config& config_;
  const Name secret_name_{"secret_key", {"LANGFUSE_SECRET_KEY"}};
  Resolution found_;
  Settings& settings_ = found_.settings;
  SettingReader reader_{environment_pointer, found_};
};

Resolution Resolver::resolve() {
  const bool is_switched_on = resolve_switches();
  const bool has_keys = resolve_keys();
  resolve_identity();
  resolve_addresses();
  resolve_transport();
  resolve_limits();
  resolve_times();
  resolve_headers();
  settings_.on_error = config_.on_error;
  settings_.on_batch = config_.on_batch;
  settings_.on_drop = config_.on_drop;
  settings_.sampler = config_.sampler;
  settings_.mask = config_.mask;
  if (!is_switched_on || !has_keys) {
    // Nobody asks for anything: not a word, whatever else is set.
    found_.error = Error();
    found_.warnings.clear();
  }
  return std::move(found_);
}

bool Resolver::resolve_switches() {
  bool is_enabled = true;
  std::string source = "default";
  if (config_.enabled.has_value()) {
    is_enabled = *config_.enabled;
    source = "config";
    if (!is_enabled) reader_.off("Config::enabled is false");
  } else {
    for (const char* const variable : {"LANGFUSE_TRACING_ENABLED", "LANGFUSE_ENABLED"}) {
      bool is_allowed = true;
      const std::string found =
          reader_.boolean(Name{"enabled", {variable}}, std::nullopt, is_allowed);
      if (found != "default" && is_enabled) source = found;
      if (!is_allowed) reader_.off(std::string(variable) + " is false");
      is_enabled = is_enabled && is_allowed;
    }
  }
  reader_.in_force(Name{"enabled", {}}, in_words(is_enabled), source);
  const auto flag = [this](const Name& name, std::optional<bool> configured, bool& setting) {
    const std::string found = reader_.boolean(name, configured, setting);
    reader_.in_force(name, in_words(setting), found);
  };
  flag({"debug", {"LANGFUSE_DEBUG"}}, config_.debug, settings_.debug);
  flag({"exit_hook", {"LANGFUSE_CPP_EXIT_HOOK"}}, config_.exit_hook, settings_.exit_hook);
  flag({"drop_lines_outside_scopes", {"LANGFUSE_CPP_DROP_LINES_OUTSIDE_SCOPES"}},
       config_.drop_lines_outside_scopes, settings_.drop_lines_outside_scopes);
  flag({"capture_io", {"LANGFUSE_OBSERVE_DECORATOR_IO_CAPTURE_ENABLED"}}, config_.capture_io,
       settings_.capture_io);
  flag({"keep_on_error", {"LANGFUSE_CPP_KEEP_ON_ERROR"}}, config_.keep_on_error,
       settings_.keep_on_error);
  return is_enabled;
}

bool Resolver::resolve_keys() {
  const Name public_name{"public_key", {"LANGFUSE_PUBLIC_KEY"}};
  const SettingText public_key = reader_.text(public_name, config_.public_key);
  const SettingText secret_key = reader_.text(secret_name_, config_.secret_key);
  if (!public_key.is_set() && !secret_key.is_set()) {
    reader_.off("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY are not set");
    return false;
  }
  if (!public_key.is_set() || !secret_key.is_set()) {
    const char* const given = public_key.is_set() ? "LANGFUSE_PUBLIC_KEY" : "LANGFUSE_SECRET_KEY";
    const char* const missing = public_key.is_set() ? "LANGFUSE_SECRET_KEY" : "LANGFUSE_PUBLIC_KEY";
    reader_.disable(std::string(missing) + " is not set but " + given +
                    " is: set both, or neither");
  }
  const bool is_public_sound = is_sound_key(public_name, public_key, true);
  const bool is_secret_sound = is_sound_key(secret_name_, secret_key, false);
  if (is_public_sound) settings_.public_key = public_key.value;
  if (is_secret_sound) settings_.secret_key = secret_key.value;
  if (is_public_sound && public_key.is_set())
    reader_.in_force(public_name, public_key.value, public_key.source);
  if (is_secret_sound && secret_key.is_set())
    reader_.in_force(secret_name_, "********", secret_key.source);
  return true;
}

bool Resolver::is_sound_key(const Name& name, const SettingText& key, bool is_public) {
  const char* problem = nullptr;
  if (!is_printable_ascii(key.value)) {
    problem = "has a line break, another control character, or a character outside ASCII";
  } else if (key.value.find(' ') != std::string::npos) {
    problem = "has a space";
  } else if (key.value.size() > longest_key) {
    problem = "is longer than 256 characters";
  } else if (is_public && key.value.find(':') != std::string::npos) {
    problem = "has a colon";
  } else if (is_public && key.value.rfind("sk-lf-", 0) == 0) {
    problem = "is a secret key (sk-lf-...): the two keys are swapped";
  }
  if (problem == nullptr) return true;
  reader_.disable(SettingReader::called(name, key.source) + " " + problem +
                  "; accepted is the key as the project settings show it" +
                  (is_public ? " (pk-lf-...)" : " (sk-lf-...)"));
  return false;
}

void Resolver::resolve_identity() {
  const Name service{"service_name", {"OTEL_SERVICE_NAME"}};
  SettingText name = reader_.text(service, config_.service_name);
  if (!name.is_set()) name = {program_invocation_short_name, "default"};
  settings_.service_name = name.value;
  reader_.in_force(service, reader_.in_quotes(name.value), name.source);

  const Name project{"project_id", {"LANGFUSE_CPP_PROJECT_ID"}};
  const SettingText id = reader_.text(project, config_.project_id);
  if (id.value.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
      std::string::npos) {
    settings_.project_id = id.value;
  } else {
    reader_.bad(project, id, "letters, digits, -, _ and .", "none");
  }
  reader_.in_force(project, reader_.in_quotes(settings_.project_id),
                   settings_.project_id.empty() ? "default" : id.source);

  const Name environment{"environment", {"LANGFUSE_TRACING_ENVIRONMENT"}};
  const SettingText chosen = reader_.text(environment, config_.environment);
  if (is_environment_name(chosen.value)) {
    settings_.environment = chosen.value;
    reader_.in_force(environment, reader_.in_quotes(chosen.value), chosen.source);
  } else {
    reader_.bad(environment, chosen,
                "at most 40 lower-case letters, digits, - and _, not beginning with langfuse",
                "none");
    reader_.in_force(environment, reader_.in_quotes(""), "default");
  }

  // The order of the Python SDK.
  const Name release{"release",
                     {"LANGFUSE_RELEASE", "RENDER_GIT_COMMIT", "CI_COMMIT_SHA", "CIRCLE_SHA1",
                      "SOURCE_VERSION", "TRAVIS_COMMIT", "GIT_COMMIT", "GITHUB_SHA",
                      "BITBUCKET_COMMIT", "BUILD_SOURCEVERSION", "DRONE_COMMIT_SHA"}};
  const SettingText version = reader_.text(release, config_.release);
  settings_.release = version.value;
  reader_.in_force(release, reader_.in_quotes(version.value), version.source);
}

void Resolver::resolve_addresses() {
  const Name base{"base_url", {"LANGFUSE_BASE_URL", "LANGFUSE_HOST", "LANGFUSE_BASEURL"}};
  SettingText url = reader_.text(base, config_.base_url);
  if (!url.is_set()) url = {"https://cloud.langfuse.com", "default"};
  const bool is_base_sound = is_sound_address(base, url);

  const Name traces{"traces_export_path", {"LANGFUSE_OTEL_TRACES_EXPORT_PATH"}};
  SettingText path = reader_.text(traces, config_.traces_export_path);
  if (!path.is_set()) path = {"api/public/otel/v1/traces", "default"};
  path.value.erase(0, path.value.find_first_not_of('/'));
  std::string wrong_path = path_problem(path.value);
  if (wrong_path.empty() && path.value.find("://") != std::string::npos) {
    wrong_path = "is an address and not a path";
  }
  if (!wrong_path.empty()) {
    reader_.disable(
        SettingReader::called(traces, path.source) + " " + wrong_path +
        "; accepted is a path below the base address, for instance api/public/otel/v1/traces");
  }

  const Name scores{"scores_url", {"LANGFUSE_CPP_SCORES_URL"}};
  SettingText scores_url = reader_.text(scores, config_.scores_url);
  const bool is_scores_sound = !scores_url.is_set() || is_sound_address(scores, scores_url);
  if (!is_base_sound || !wrong_path.empty() || !is_scores_sound) return;

  settings_.base_url = url.value;
  settings_.traces_url = url.value + "/" + path.value;
  settings_.scores_url = scores_url.is_set() ? scores_url.value : url.value;
  reader_.in_force(base, url.value, url.source);
  reader_.in_force(traces, path.value, path.source);
  reader_.in_force(scores, settings_.scores_url,
                   scores_url.is_set() ? scores_url.source : "default");
  warn_of_plain_http(base, url);
  if (scores_url.is_set()) warn_of_plain_http(scores, scores_url);
}

// Takes the trailing slashes off a sound address; switches everything off for another.
bool Resolver::is_sound_address(const Name& name, SettingText& url) {
  const std::string problem = url_problem(url.value);
  if (problem.empty()) {
    while (url.value.back() == '/') url.value.pop_back();
    return true;
  }
  // What stands before an @ may be a password.
  const bool is_showable = url.value.find('@') == std::string::npos;
  reader_.disable(SettingReader::called(name, url.source) +
                  (is_showable ? std::string(" ").append(reader_.in_quotes(url.value)) : "") + " " +
                  problem + "; accepted is for instance https://cloud.langfuse.com");
  return false;
}

void Resolver::warn_of_plain_http(const Name& name, const SettingText& url) {
  if (!is_plain_http(url.value) || is_loopback(url.value)) return;
  found_.warnings.push_back(SettingReader::called(name, url.source) + " " +
                            reader_.in_quotes(url.value) +
                            " is not encrypted: keys and records can be read on the way; use "
                            "https:// outside a trusted network");
}

void Resolver::resolve_transport() {
  const Name compression{"compression", {"LANGFUSE_CPP_COMPRESSION"}};
  const bool is_local = !settings_.base_url.empty() && is_loopback(settings_.base_url);
  settings_.compression = is_local ? Compression::none : Compression::gzip;
  std::string source = "default";
  if (config_.compression.has_value()) {
    settings_.compression = *config_.compression;
    source = "config";
  } else if (const SettingText given = reader_.environment_value(compression); given.is_set()) {
    const std::string wanted = lower_case(trimmed(given.value));
    if (wanted == "gzip" || wanted == "none") {
      settings_.compression = wanted == "gzip" ? Compression::gzip : Compression::none;
      source = given.source;
    } else {
      reader_.bad(compression, given, "gzip or none", in_words(settings_.compression));
    }
  }
  reader_.in_force(compression, in_words(settings_.compression), source);

  const Name authorities{"ca_file", {"LANGFUSE_CPP_CA_FILE"}};
  const SettingText file = reader_.text(authorities, config_.ca_file);
  settings_.ca_file = file.value;
  reader_.in_force(authorities, reader_.in_quotes(file.value), file.source);
  const Name direct{"no_proxy", {"no_proxy", "NO_PROXY"}};
  const SettingText hosts = reader_.environment_value(direct);
  settings_.no_proxy = hosts.value;
  if (hosts.is_set()) reader_.in_force(direct, reader_.in_quotes(hosts.value), hosts.source);
  resolve_proxy();
}

// libcurl's order. It does not look at HTTP_PROXY, which a CGI program's client may set.
void Resolver::resolve_proxy() {
  const SettingText proxy = reader_.environment_value(
      is_plain_http(settings_.base_url)
          ? Name{"proxy", {"http_proxy", "all_proxy", "ALL_PROXY"}}
          : Name{"proxy", {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}});
  if (!proxy.is_set()) return;
  // What stands before an @ are a name and a password.
  const std::string host = proxy.value.substr(proxy.value.rfind('@') + 1);
  settings_.proxy_in_words = proxy.source + " is " + reader_.in_quotes(host);
}

void Resolver::resolve_limits() {
  reader_.count({"flush_at", {"LANGFUSE_FLUSH_AT"}}, config_.flush_at, most_records,
                settings_.flush_at);
  reader_.count({"batch_max_bytes", {"LANGFUSE_CPP_BATCH_MAX_BYTES"}}, config_.batch_max_bytes,
                most_bytes, settings_.batch_max_bytes);
  reader_.count({"queue_max_records", {"LANGFUSE_CPP_QUEUE_MAX_RECORDS"}},
                config_.queue_max_records, most_records, settings_.queue_max_records);
  reader_.count({"queue_max_bytes", {"LANGFUSE_CPP_QUEUE_MAX_BYTES"}}, config_.queue_max_bytes,
                most_bytes * 1024, settings_.queue_max_bytes);
  reader_.count({"value_max_bytes", {"LANGFUSE_CPP_VALUE_MAX_BYTES"}}, config_.value_max_bytes,
                most_bytes, settings_.value_max_bytes);
  reader_.count({"record_max_bytes", {"LANGFUSE_CPP_RECORD_MAX_BYTES"}}, config_.record_max_bytes,
                most_bytes, settings_.record_max_bytes);
  reader_.count({"held_max_traces", {"LANGFUSE_CPP_HELD_MAX_TRACES"}}, config_.held_max_traces,
                most_records, settings_.held_max_traces);
  reader_.count({"held_max_bytes", {"LANGFUSE_CPP_HELD_MAX_BYTES"}}, config_.held_max_bytes,
                most_bytes, settings_.held_max_bytes);

  reader_.share({"sample_rate", {"LANGFUSE_SAMPLE_RATE"}}, config_.sample_rate,
                settings_.sample_rate);
}

void Resolver::resolve_times() {
  const Name interval{"flush_interval", {"LANGFUSE_FLUSH_INTERVAL"}};
  reader_.seconds(interval, config_.flush_interval, false, settings_.flush_interval);
  if (settings_.flush_interval > std::chrono::hours(1)) {
    found_.warnings.push_back("flush_interval (LANGFUSE_FLUSH_INTERVAL) is " +
                              in_words(settings_.flush_interval) +
                              ", more than an hour: it is in seconds, not milliseconds");
  }
  reader_.seconds({"timeout", {"LANGFUSE_TIMEOUT"}}, config_.timeout, false, settings_.timeout);
  reader_.seconds({"flush_timeout", {"LANGFUSE_CPP_FLUSH_TIMEOUT"}}, config_.flush_timeout, true,
                  settings_.flush_timeout);
  reader_.seconds({"shutdown_timeout", {"LANGFUSE_CPP_SHUTDOWN_TIMEOUT"}}, config_.shutdown_timeout,
                  true, settings_.shutdown_timeout);
  reader_.seconds({"exit_timeout", {"LANGFUSE_CPP_EXIT_TIMEOUT"}}, config_.exit_timeout, true,
                  settings_.exit_timeout);
}

void Resolver::resolve_headers() {
  for (std::size_t i = 0; i < config_.headers.size(); ++i) {
    const auto& [name, value] = config_.headers[i];
    const char* const problem = header_problem(name, value);
    if (problem == nullptr) {
      settings_.headers.emplace_back(name, value);
      reader_.in_force(Name{"headers", {}}, name + ": ********", "config");
      continue;
    }
    std::string text = "headers[";
    text.append(std::to_string(i)).append("]");
    if (is_header_name(name)) text.append(" (").append(name).append(")");
    text.append(" ").append(problem).append("; it is not sent");
    reader_.add_problem(ErrorCode::bad_setting, text);
  }
}

}  // namespace

Resolution resolve(const Config& config) {
  return Resolver(config).resolve();
}

bool is_environment_name(std::string_view name) noexcept {
  constexpr std::size_t longest = 40;
  constexpr std::string_view reserved = "langfuse";
  return name.size() <= longest && name.substr(0, reserved.size()) != reserved &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
