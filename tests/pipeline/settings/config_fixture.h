// What the tests of the configuration share, whichever of the settings they are about.
#pragma once

#include <stdlib.h>

#include <string>

#include "langfuse/config.h"
#include "pipeline/settings/settings.h"
#include "tests/support/environment.h"

namespace langfuse::internal {

inline constexpr char secret[] = "sk-lf-very-hidden";

class ConfigTest : public EnvironmentTest {
 protected:
  static Resolution resolve_with_keys(Config config = {}) {
    config.public_key = "pk-lf-shown";
    config.secret_key = secret;
    return resolve(config);
  }

  // Resolves with `variable` alone set.
  static Resolution with(const char* variable, const std::string& value) {
    set(variable, value);
    Resolution found = resolve_with_keys();
    unsetenv(variable);
    return found;
  }

  // Everything that may be shown.
  static std::string shown(const Resolution& found) {
    std::string text = found.error.message + "\n" + found.why_disabled + "\n";
    for (const std::string& line : found.warnings) text += line + "\n";
    for (const std::string& line : found.settings.in_force) text += line + "\n";
    return text;
  }
};

}  // namespace langfuse::internal
