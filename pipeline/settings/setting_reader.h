// Reads one setting at a time, from the configuration, the environment or its default, and collects
// the problems and the values in force.
//
// `config.cpp` names the settings; this class has what they have in common.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "langfuse/config.h"
#include "model/presentable.h"
#include "pipeline/settings/setting_values.h"
#include "pipeline/settings/settings.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A value and where it came from. `source` is a variable's name, "config" or "default".
struct SettingText {
  std::string value;
  std::string source;
  bool is_set() const noexcept { return !value.empty(); }
};

// A setting's names: the field of `Config`, and its variables in order of precedence.
struct Name {
  const char* field;
  std::vector<const char*> variables;
};

class SettingReader {
 public:
  // Null when the variable is not set.
  using Environment = const char* (*)(const char* variable);

  // Writes its findings to `found`, which is borrowed.
  SettingReader(Environment environment, Resolution& found)
      : environment_(environment), found_(found) {}

  // `configured`, else the value of the first variable that is set. An empty value counts as not
  // set.
  SettingText text(const Name& name, const std::string& configured) const;
  SettingText environment_value(const Name& name) const;

  // Each writes a given value to `setting`, which holds the default before. Without a value the
  // default stays. With an unusable value it also stays, and a problem is reported. `boolean`
  // returns the source.
  std::string boolean(const Name& name, std::optional<bool> configured, bool& setting);
  void count(const Name& name, std::optional<std::size_t> configured, std::size_t most,
             std::size_t& setting);
  void seconds(const Name& name, std::optional<Seconds> configured, bool may_be_zero,
               Seconds& setting);
  void share(const Name& name, std::optional<double> configured, double& setting);

  // Reports a value that cannot be used; `used` is in force instead.
  void bad(const Name& name, const SettingText& given, const std::string& accepted,
           const std::string& used);
  // Reports a value that makes the library unusable, and disables it.
  void disable(const std::string& problem);
  // Switches the library off without a problem. The first reason is kept.
  void off(const std::string& why);
  void add_problem(ErrorCode code, const std::string& problem);

  // Notes a line for `LANGFUSE_DEBUG`. `value` is shown as it is.
  void in_force(const Name& name, const std::string& value, const std::string& source);

  // A value between quotes, at most 80 characters of it, without the secret.
  std::string in_quotes(const std::string& value) const {
    return internal::in_quotes(value, secrets_);
  }
  // A secret that no message may show, even if the user put it into the wrong setting.
  void hide(const std::string& secret) { secrets_ = Secrets(secret); }

  // The name by which the user gave the value: the field, or the variable.
  static std::string called(const Name& name, const std::string& source);

 private:
  std::optional<double> number(const Name& name, std::optional<double> configured,
                               const std::string& accepted, const std::string& used,
                               const std::function<bool(double)>& is_accepted, std::string& source);

  const Environment environment_;
  Resolution& found_;
  Secrets secrets_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
