// The tables of docs/configuration.md, and the comments of `Config`, against the table of settings:
// names, variables and defaults.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/settings/setting_table.h"
#include "tests/pipeline/settings/config_fixture.h"

namespace langfuse::internal {
namespace {

struct Row {
  std::string field;
  std::vector<std::string> variables;
  std::string default_value;
};

// The cells of a table's line, without the spaces around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t at = 1;
  for (std::size_t end = line.find('|', at); end != std::string::npos; end = line.find('|', at)) {
    const std::string cell = line.substr(at, end - at);
    const std::size_t first = cell.find_first_not_of(' ');
    cells.push_back(first == std::string::npos
                        ? std::string()
                        : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
    at = end + 1;
  }
  return cells;
}

std::vector<Row> rows_of_the_page() {
  std::ifstream page(LANGFUSE_TEST_DATA "/../../docs/configuration.md");
  EXPECT_TRUE(page.is_open());
  const std::regex variable("`([A-Z][A-Z_0-9]+)`");
  std::vector<Row> rows;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() < 4) continue;
    Row row;
    row.field = cells[0].substr(1, cells[0].size() - 2);
    row.default_value = cells[2];
    for (std::sregex_iterator at(cells[1].begin(), cells[1].end(), variable), end; at != end;
         ++at) {
      row.variables.push_back((*at)[1]);
    }
    rows.push_back(row);
  }
  return rows;
}

// "flush_at = 512 (default)" as flush_at → {512, default}.
using InForce = std::map<std::string, std::pair<std::string, std::string>>;
InForce in_force(const Resolution& found) {
  InForce settings;
  for (const std::string& line : found.settings.in_force) {
    const std::size_t equals = line.find(" = ");
    const std::size_t source = line.rfind(" (");
    settings[line.substr(0, equals)] = {line.substr(equals + 3, source - equals - 3),
                                        line.substr(source + 2, line.size() - source - 3)};
  }
  return settings;
}

// As the listing has it: 4 MiB is 4194304, 32 768 is 32768, none is nothing.
std::string as_listed(std::string text) {
  if (text == "none") return "\"\"";
  if (text.front() == '`') return text.substr(1, text.size() - 2);
  const std::size_t unit = text.find(" MiB");
  if (unit != std::string::npos) {
    return std::to_string(std::stoull(text.substr(0, unit)) * 1024 * 1024);
  }
  std::string digits;
  for (const char c : text) digits += c == ' ' ? "" : std::string(1, c);
  return digits;
}

class SettingsPage : public ConfigTest {};

TEST_F(SettingsPage, HasEachDefault) {
  // What is not said in one word, or is not listed unless it is given.
  const std::map<std::string, std::string> in_words = {
      {"scores_url", "https://cloud.langfuse.com"},  // that of `base_url`
      {"compression", "gzip"},                       // of an address that is not a loopback one
      {"ca_file", "\"\""}};                          // the system's
  const InForce listed = in_force(resolve_with_keys());
  std::size_t compared = 0;
  for (const Row& row : rows_of_the_page()) {
    const auto setting = listed.find(row.field);
    if (setting == listed.end() || row.field == "service_name" || row.variables.empty()) continue;
    if (setting->second.second != "default") continue;  // the keys
    const auto word = in_words.find(row.field);
    const std::string expected =
        word != in_words.end() ? word->second : as_listed(row.default_value);
    const std::string& value = setting->second.first;
    EXPECT_TRUE(value == expected || value == expected + " s")
        << row.field << " is " << value << ", and the page says " << row.default_value;
    ++compared;
  }
  EXPECT_EQ(compared, 28U);
}

TEST_F(SettingsPage, NamesTheVariablesFromWhichEachIsRead) {
  const std::map<std::string, std::string> wanted = {{"base_url", "https://x.test"},
                                                     {"scores_url", "https://x.test"},
                                                     {"compression", "none"},
                                                     {"enabled", "true"}};
  std::size_t compared = 0;
  for (const Row& row : rows_of_the_page()) {
    if (row.field == "public_key" || row.field == "secret_key") continue;
    for (const std::string& variable : row.variables) {
      const auto value = wanted.find(row.field);
      const InForce listed =
          in_force(with(variable.c_str(), value == wanted.end() ? "1" : value->second));
      ASSERT_EQ(listed.count(row.field), 1U) << row.field;
      EXPECT_EQ(listed.at(row.field).second, variable) << row.field;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 34U);
}

std::vector<std::string> variables_of(const SettingRow& row) {
  std::vector<std::string> variables;
  for (const char* const variable : row.name.variables) {
    if (variable != nullptr) variables.emplace_back(variable);
  }
  return variables;
}

// Neither leaves one out. Of `release` the page has only some of the many variables.
TEST_F(SettingsPage, HasTheRowsOfTheTable) {
  std::map<std::string, std::vector<std::string>> on_the_page;
  for (const Row& row : rows_of_the_page()) on_the_page[row.field] = row.variables;
  std::map<std::string, std::vector<std::string>> in_the_table;
  for (const SettingRow& row : setting_table()) in_the_table[row.name.field] = variables_of(row);
  const std::vector<std::string> of_releases = in_the_table.at("release");
  for (const std::string& variable : on_the_page.at("release")) {
    EXPECT_EQ(std::count(of_releases.begin(), of_releases.end(), variable), 1) << variable;
  }
  on_the_page.erase("release");
  in_the_table.erase("release");

  EXPECT_EQ(on_the_page, in_the_table);
}

TEST_F(SettingsPage, HasEverySettingThatIsListed) {
  std::map<std::string, Row> described;
  for (const Row& row : rows_of_the_page()) described[row.field] = row;
  for (const auto& [field, setting] : in_force(resolve_with_keys())) {
    EXPECT_EQ(described.count(field), 1U) << field;
  }
}

// The comment of each field of `Config` names its variables.
TEST_F(SettingsPage, AgreesWithTheHeader) {
  std::ifstream header(LANGFUSE_TEST_DATA "/../../include/langfuse/config.h");
  ASSERT_TRUE(header.is_open());
  std::map<std::string, std::string> comments;
  const std::regex field("  std::.* (\\w+);");
  std::string comment;
  for (std::string line; std::getline(header, line);) {
    std::smatch match;
    if (line.rfind("  // ", 0) == 0) {
      comment += line + "\n";
    } else {
      if (std::regex_match(line, match, field)) comments[match[1]] = comment;
      comment.clear();
    }
  }
  for (const SettingRow& row : setting_table()) {
    const std::vector<std::string> variables = variables_of(row);
    ASSERT_EQ(comments.count(row.name.field), 1U) << row.name.field;
    const std::string& text = comments.at(row.name.field);
    for (const std::string& variable : variables) {
      const bool is_named = text.find("`" + variable + "`") != std::string::npos;
      EXPECT_TRUE(is_named || row.name.field == std::string("release")) << variable;
    }
  }
}

// What nobody set is what `Settings` begins with.
TEST_F(SettingsPage, DefaultsAreThoseOfPlainSettings) {
  const Settings found = resolve_with_keys().settings;
  const Settings plain;
  for (const SettingRow& row : setting_table()) {
    const Count* const count = std::get_if<Count>(&row.kind);
    const Duration* const duration = std::get_if<Duration>(&row.kind);
    if (count != nullptr) {
      EXPECT_EQ(plain.*count->setting, count->by_default) << row.name.field;
      EXPECT_EQ(found.*count->setting, count->by_default) << row.name.field;
    } else if (duration != nullptr) {
      EXPECT_EQ((plain.*duration->setting).count(), duration->by_default) << row.name.field;
      EXPECT_EQ((found.*duration->setting).count(), duration->by_default) << row.name.field;
    }
  }
}

}  // namespace
}  // namespace langfuse::internal
