#include "pipeline/settings/setting_reader.h"

#include <cmath>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr double longest_seconds = 1e9;

}  // namespace

SettingText SettingReader::text(const Name& name, const std::string& configured) const {
  return configured.empty() ? environment_value(name) : SettingText{configured, "config"};
}

SettingText SettingReader::environment_value(const Name& name) const {
  for (const char* const variable : name.variables) {
    if (variable == nullptr) break;
    const char* const value = environment_(variable);
    if (value != nullptr && *value != '\0') return {value, variable};
  }
  return {"", "default"};
}

std::string SettingReader::boolean(const Name& name, std::optional<bool> configured,
                                   bool& setting) {
  if (configured.has_value()) {
    setting = *configured;
    return "config";
  }
  const SettingText given = environment_value(name);
  if (!given.is_set()) return "default";
  const std::optional<bool> value = parse_boolean(given.value);
  if (!value.has_value()) {
    bad(name, given, "true, 1, yes, on, false, 0, no or off", in_words(setting));
    return "default";
  }
  setting = *value;
  return given.source;
}

// The number that was given, if one was and it can be used; what cannot is reported. `used`: the
// default.
std::optional<double> SettingReader::number(const Name& name, std::optional<double> configured,
                                            const std::string& expected, const std::string& used,
                                            const std::function<bool(double)>& is_accepted,
                                            std::string& source) {
  source = "default";
  const SettingText given = configured.has_value() ? SettingText{in_words(*configured), "config"}
                                                   : environment_value(name);
  if (!given.is_set()) return std::nullopt;
  const std::optional<double> value =
      configured.has_value() ? configured : parse_number(given.value);
  if (!value.has_value() || !is_accepted(*value)) {
    bad(name, given, expected, used);
    return std::nullopt;
  }
  source = given.source;
  return value;
}

void SettingReader::read(const Name& name, const Toggle& kind, const Config& config) {
  bool& setting = found_.settings.*kind.setting;
  const std::string source = boolean(name, config.*kind.given, setting);
  in_force(name, in_words(setting), source);
}

void SettingReader::read(const Name& name, const Count& kind, const Config& config) {
  std::size_t& setting = found_.settings.*kind.setting;
  const std::optional<std::size_t>& given = config.*kind.given;
  std::optional<double> wanted;
  if (given.has_value()) wanted = static_cast<double>(*given);
  std::string source;
  const std::optional<double> value = number(
      name, wanted, "a whole number from 1 to " + in_words(kind.most), in_words(setting),
      [&kind](double candidate) {
        return candidate >= 1 && candidate <= static_cast<double>(kind.most) &&
               std::floor(candidate) == candidate;
      },
      source);
  if (value.has_value()) setting = static_cast<std::size_t>(*value);
  in_force(name, in_words(setting), source);
}

void SettingReader::read(const Name& name, const Duration& kind, const Config& config) {
  Seconds& setting = found_.settings.*kind.setting;
  const std::optional<Seconds>& given = config.*kind.given;
  std::optional<double> wanted;
  if (given.has_value()) wanted = given->count();
  std::string source;
  const std::optional<double> value = number(
      name, wanted, kind.may_be_zero ? "seconds, 0 to 1e9" : "seconds, more than 0, at most 1e9",
      in_words(setting),
      [&kind](double candidate) {
        return (candidate > 0 || (kind.may_be_zero && candidate == 0)) &&
               candidate <= longest_seconds;
      },
      source);
  if (value.has_value()) setting = Seconds(*value);
  in_force(name, in_words(setting), source);
}

void SettingReader::read(const Name& name, const Share& kind, const Config& config) {
  double& setting = found_.settings.*kind.setting;
  std::string source;
  const std::optional<double> value = number(
      name, config.*kind.given, "a number from 0 to 1", in_words(setting),
      [](double candidate) { return candidate >= 0 && candidate <= 1; }, source);
  if (value.has_value()) setting = *value;
  in_force(name, in_words(setting), source);
}

void SettingReader::read(const Name& name, const FreeText& kind, const Config& config) {
  SettingText given = text(name, config.*kind.given);
  if (kind.is_valid != nullptr && !kind.is_valid(given.value)) {
    bad(name, given, kind.expected, "none");
    given = {"", "default"};
  }
  found_.settings.*kind.setting = given.value;
  in_force(name, in_quotes(given.value), given.source);
}

void SettingReader::bad(const Name& name, const SettingText& given, const std::string& expected,
                        const std::string& used) {
  add_problem(ErrorCode::bad_setting, called(name, given.source) + " " + in_quotes(given.value) +
                                          " is invalid: expected " + expected + "; using " + used);
}

void SettingReader::disable(const std::string& problem) {
  off(problem);
  add_problem(ErrorCode::disabled, problem);
}

void SettingReader::add_problem(ErrorCode code, const std::string& problem) {
  if (found_.error.code != ErrorCode::disabled) found_.error.code = code;
  if (!found_.error.message.empty()) found_.error.message += '\n';
  found_.error.message += problem;
}

void SettingReader::off(const std::string& why) {
  if (found_.why_disabled.empty()) found_.why_disabled = why;
}

void SettingReader::in_force(const Name& name, const std::string& value,
                             const std::string& source) {
  found_.settings.in_force.push_back(std::string(name.field) + " = " + value + " (" + source + ")");
}

std::string SettingReader::called(const Name& name, const std::string& source) {
  return source == "config" ? name.field : source;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
