#include "langfuse/config.h"

#include <cerrno>
#include <optional>
#include <variant>

#include "pipeline/settings/process_environment.h"
#include "pipeline/settings/setting_reader.h"
#include "pipeline/settings/setting_table.h"
#include "pipeline/settings/setting_values.h"
#include "pipeline/settings/settings.h"
#include "pipeline/settings/url.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

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

const Name& name_of(std::string_view field) {
  return setting_row(field).name;
}

const char* default_of(std::string_view field) {
  return std::get<Special>(setting_row(field).kind).by_default;
}

class Resolver {
 public:
  explicit Resolver(const Config& config) : config_(config) {
    reader_.hide(reader_.text(name_of("secret_key"), config.secret_key).value);
  }

  Resolution resolve();

 private:
  bool resolve_enabled();  // false: switched off
  bool resolve_keys();     // false: neither key is set
  bool is_sound_key(const Name& name, const SettingText& key, bool is_public);
  void resolve_addresses();
  bool is_sound_address(const Name& name, SettingText& url);
  bool is_sound_path(const Name& name, SettingText& path);
  void warn_of_plain_http(const Name& name, const SettingText& url);
  void resolve_service_name();
  void resolve_compression();
  void resolve_proxy();
  void warn_of_long_interval();
  void resolve_headers();

  const Config& config_;
  Resolution found_;
  Settings& settings_ = found_.settings;
  SettingReader reader_{environment_pointer, found_};
};

Resolution Resolver::resolve() {
  const bool is_switched_on = resolve_enabled();
  const bool has_keys = resolve_keys();
  resolve_addresses();
  resolve_service_name();
  resolve_compression();
  for (const SettingRow& row : setting_table()) {
    std::visit([&](const auto& kind) { reader_.read(row.name, kind, config_); }, row.kind);
  }
  resolve_proxy();
  warn_of_long_interval();
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

// Both variables must allow it.
bool Resolver::resolve_enabled() {
  const Name& name = name_of("enabled");
  bool is_enabled = config_.enabled.value_or(true);
  std::string source = config_.enabled.has_value() ? "config" : "default";
  if (!is_enabled) reader_.off("Config::enabled is false");
  for (const char* const variable : name.variables) {
    if (config_.enabled.has_value() || variable == nullptr) break;
    bool is_allowed = true;
    const std::string found = reader_.boolean({name.field, {variable}}, std::nullopt, is_allowed);
    if (found != "default" && is_enabled) source = found;
    if (!is_allowed) reader_.off(std::string(variable) + " is false");
    is_enabled = is_enabled && is_allowed;
  }
  reader_.in_force(name, in_words(is_enabled), source);
  return is_enabled;
}

bool Resolver::resolve_keys() {
  const Name& public_name = name_of("public_key");
  const Name& secret_name = name_of("secret_key");
  const std::string public_variable = public_name.variables[0];
  const std::string secret_variable = secret_name.variables[0];
  const SettingText public_key = reader_.text(public_name, config_.public_key);
  const SettingText secret_key = reader_.text(secret_name, config_.secret_key);
  if (!public_key.is_set() && !secret_key.is_set()) {
    reader_.off(public_variable + " and " + secret_variable + " are not set");
    return false;
  }
  if (!public_key.is_set() || !secret_key.is_set()) {
    const bool has_public = public_key.is_set();
    reader_.disable((has_public ? secret_variable : public_variable) + " is not set but " +
                    (has_public ? public_variable : secret_variable) + " is: set both, or neither");
  }
  const bool is_public_sound = is_sound_key(public_name, public_key, true);
  const bool is_secret_sound = is_sound_key(secret_name, secret_key, false);
  if (is_public_sound) settings_.public_key = public_key.value;
  if (is_secret_sound) settings_.secret_key = secret_key.value;
  if (is_public_sound && public_key.is_set())
    reader_.in_force(public_name, public_key.value, public_key.source);
  if (is_secret_sound && secret_key.is_set())
    reader_.in_force(secret_name, "********", secret_key.source);
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
                  "; expected the key as the project settings show it" +
                  (is_public ? " (pk-lf-...)" : " (sk-lf-...)"));
  return false;
}

void Resolver::resolve_addresses() {
  const Name& base = name_of("base_url");
  SettingText url = reader_.text(base, config_.base_url);
  if (!url.is_set()) url = {default_of("base_url"), "default"};
  const bool is_base_sound = is_sound_address(base, url);

  const Name& traces = name_of("traces_export_path");
  SettingText path = reader_.text(traces, config_.traces_export_path);
  if (!path.is_set()) path = {default_of("traces_export_path"), "default"};
  const bool is_path_sound = is_sound_path(traces, path);

  const Name& scores = name_of("scores_url");
  SettingText scores_url = reader_.text(scores, config_.scores_url);
  const bool is_scores_sound = !scores_url.is_set() || is_sound_address(scores, scores_url);
  if (!is_base_sound || !is_path_sound || !is_scores_sound) return;

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

// Takes the leading slashes off a sound path; switches everything off for another.
bool Resolver::is_sound_path(const Name& name, SettingText& path) {
  path.value.erase(0, path.value.find_first_not_of('/'));
  std::string problem = path_problem(path.value);
  if (problem.empty() && path.value.find("://") != std::string::npos) {
    problem = "is an address and not a path";
  }
  if (problem.empty()) return true;
  reader_.disable(SettingReader::called(name, path.source) + " " + problem +
                  "; expected a path below the base address, for instance " +
                  default_of("traces_export_path"));
  return false;
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
                  problem + "; expected an address, for instance " + default_of("base_url"));
  return false;
}

void Resolver::warn_of_plain_http(const Name& name, const SettingText& url) {
  if (!is_plain_http(url.value) || is_loopback(url.value)) return;
  found_.warnings.push_back(SettingReader::called(name, url.source) + " " +
                            reader_.in_quotes(url.value) +
                            " is not encrypted: keys and records can be read on the way; use "
                            "https:// outside a trusted network");
}

void Resolver::resolve_service_name() {
  const Name& name = name_of("service_name");
  SettingText given = reader_.text(name, config_.service_name);
  if (!given.is_set()) given = {program_invocation_short_name, "default"};
  settings_.service_name = given.value;
  reader_.in_force(name, reader_.in_quotes(given.value), given.source);
}

void Resolver::resolve_compression() {
  const Name& name = name_of("compression");
  const bool is_local = !settings_.base_url.empty() && is_loopback(settings_.base_url);
  settings_.compression = is_local ? Compression::none : Compression::gzip;
  std::string source = "default";
  if (config_.compression.has_value()) {
    settings_.compression = *config_.compression;
    source = "config";
  } else if (const SettingText given = reader_.environment_value(name); given.is_set()) {
    const std::string wanted = lower_case(trimmed(given.value));
    if (wanted == "gzip" || wanted == "none") {
      settings_.compression = wanted == "gzip" ? Compression::gzip : Compression::none;
      source = given.source;
    } else {
      reader_.bad(name, given, "gzip or none", in_words(settings_.compression));
    }
  }
  reader_.in_force(name, in_words(settings_.compression), source);
}

// libcurl's variables, in its order. It does not look at HTTP_PROXY, which a CGI program's client
// may set.
void Resolver::resolve_proxy() {
  const Name direct{"no_proxy", {"no_proxy", "NO_PROXY"}};
  const SettingText hosts = reader_.environment_value(direct);
  settings_.no_proxy = hosts.value;
  if (hosts.is_set()) reader_.in_force(direct, reader_.in_quotes(hosts.value), hosts.source);
  const SettingText proxy = reader_.environment_value(
      is_plain_http(settings_.base_url)
          ? Name{"proxy", {"http_proxy", "all_proxy", "ALL_PROXY"}}
          : Name{"proxy", {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}});
  if (!proxy.is_set()) return;
  // What stands before an @ are a name and a password.
  const std::string host = proxy.value.substr(proxy.value.rfind('@') + 1);
  settings_.proxy_in_words = proxy.source + " is " + reader_.in_quotes(host);
}

void Resolver::warn_of_long_interval() {
  if (settings_.flush_interval <= std::chrono::hours(1)) return;
  const Name& name = name_of("flush_interval");
  found_.warnings.push_back(std::string(name.field) + " (" + name.variables[0] + ") is " +
                            in_words(settings_.flush_interval) +
                            ", more than an hour: it is in seconds, not milliseconds");
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
