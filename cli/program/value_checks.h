// Checks of values that several commands take, for `DeclaredOption::check`.

#pragma once

#include <string>

namespace langfuse_cli {

// What is wrong with the text of a number above 0; empty: nothing.
std::string complaint_about_count(const std::string& text);

// What is wrong with the text of a number of seconds, above 0 and up to a day; empty: nothing.
std::string complaint_about_seconds(const std::string& text);

}  // namespace langfuse_cli
