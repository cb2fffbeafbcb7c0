// Reads one setting at a time, from the configuration, the environment or its default, and collects
// the problems and the values in force.
//
// `setting_table.cpp` has the settings; this class reads and checks each kind of them.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "langfuse/config.h"
#include "model/presentable.h"
#include "pipeline/settings/setting_table.h"
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

  // Each kind of the table: writes the given value to the setting, which holds the default before,
  // and a line for `LANGFUSE_DEBUG`. Without a value the default stays. With an invalid value it
  // also stays, and a problem is reported.
  void read(const Name& name, const Toggle& kind, const Config& config);
  void read(const Name& name, const Count& kind, const Config& config);
  void read(const Name& name, const Duration& kind, const Config& config);
  void read(const Name& name, const Share& kind, const Config& config);
  void read(const Name& name, const FreeText& kind, const Config& config);
  void read(const Name&, const Special&, const Config&) {}
  void read(const Name&, const InCode&, const Config&) {}

  // Reads one boolean, without the line. Returns the source.
  std::string boolean(const Name& name, std::optional<bool> configured, bool& setting);

  // Reports an invalid value; `used` is in force instead.
  void bad(const Name& name, const SettingText& given, const std::string& expected,
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
                               const std::string& expected, const std::string& used,
                               const std::function<bool(double)>& is_accepted, std::string& source);

  const Environment environment_;
  Resolution& found_;
  Secrets secrets_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
