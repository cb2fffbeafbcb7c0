// Reads one setting at a time, from the configuration, the environment or its default, and gathers
// everything there is to say about it.
//
// `config.cpp` names the settings; here is what all of them have in common.
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

// What a setting is called: the field of `Config`, and its variables in order of precedence.
struct Name {
  const char* field;
  std::vector<const char*> variables;
};

class SettingReader {
 public:
  // Null when the variable is not set.
  using Environment = const char* (*)(const char* variable);

  // What is found goes to `found`, which is borrowed.
  SettingReader(Environment environment, Resolution& found)
      : environment_(environment), found_(found) {}

  // `configured`, else the first variable that is set; set to nothing counts as not set.
  SettingText text(const Name& name, const std::string& configured) const;
  SettingText environment_value(const Name& name) const;

  // These leave `setting`, which holds the default, alone where nothing is given and where what is
  // given cannot be used, which is then a problem. `boolean` returns the source.
  std::string boolean(const Name& name, std::optional<bool> configured, bool& setting);
  void count(const Name& name, std::optional<std::size_t> configured, std::size_t most,
             std::size_t& setting);
  void seconds(const Name& name, std::optional<Seconds> configured, bool may_be_zero,
               Seconds& setting);
  void share(const Name& name, std::optional<double> configured, double& setting);

  // A value that cannot be used; `used` is in force instead.
  void bad(const Name& name, const SettingText& given, const std::string& accepted,
           const std::string& used);
  // A value that leaves nothing but to switch off.
  void disable(const std::string& problem);
  // Switches off without a problem. The first reason is kept.
  void off(const std::string& why);
  void add_problem(ErrorCode code, const std::string& problem);

  // Notes a line for `LANGFUSE_DEBUG`. `value` is shown as it is.
  void in_force(const Name& name, const std::string& value, const std::string& source);

  // A value between quotes, at most 80 characters of it, without the secret.
  std::string in_quotes(const std::string& value) const {
    return internal::in_quotes(value, secrets_);
  }
  // What no message may show, also where a user has put it into the wrong setting.
  void hide(const std::string& secret) { secrets_ = Secrets(secret); }

  // What the user called it: the field, or the variable.
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
