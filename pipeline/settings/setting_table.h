// The settings, each written once: its field, the variables it is read from, its kind, its limits
// and its default.
//
// `resolve` reads and checks by this table, `Settings()` has its defaults, and a test compares it
// with `langfuse/config.h` and with docs/configuration.md. A new setting is a field of `Config`,
// one of `Settings`, and a row here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "langfuse/config.h"
#include "pipeline/settings/settings.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What a setting is called: the field of `Config`, and its variables in order of precedence, of
// which the first null pointer ends the list.
struct Name {
  static constexpr std::size_t most_variables = 12;
  const char* field;
  const char* variables[most_variables];
};

struct Toggle {
  std::optional<bool> Config::*given;
  bool Settings::*setting;
  bool by_default;
};

// A whole number from 1 to `most`.
struct Count {
  std::optional<std::size_t> Config::*given;
  std::size_t Settings::*setting;
  std::size_t by_default;
  std::size_t most;
};

struct Duration {
  std::optional<Seconds> Config::*given;
  Seconds Settings::*setting;
  double by_default;  // seconds
  bool may_be_zero;
};

// A number from 0 to 1.
struct Share {
  std::optional<double> Config::*given;
  double Settings::*setting;
  double by_default;
};

// A text; by default there is none.
struct FreeText {
  std::string Config::*given;
  std::string Settings::*setting;
  bool (*is_valid)(std::string_view);  // null: any text is
  const char* expected;                // what to say where one is not
};

// Decided in `config.cpp`, because more than its own value decides, or because an invalid one
// switches the library off. `by_default`: as the listing shows it.
struct Special {
  const char* by_default;
};

// No variable is read.
struct InCode {};

struct SettingRow {
  Name name;
  std::variant<Toggle, Count, Duration, Share, FreeText, Special, InCode> kind;
};

struct SettingTable {
  const SettingRow* first;
  const SettingRow* last;
  const SettingRow* begin() const noexcept { return first; }
  const SettingRow* end() const noexcept { return last; }
};

// In the order of docs/configuration.md.
SettingTable setting_table() noexcept;

// The row of a field. REQUIRES: there is one.
const SettingRow& setting_row(std::string_view field) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
