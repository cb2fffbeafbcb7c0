// Checks of values that several commands take, for `DeclaredOption::check`.

#pragma once

#include <string>

namespace langfuse_cli {

// The fault in the text of a number above 0; empty if there is none.
std::string complaint_about_count(const std::string& text);

// The fault in the text of a number of seconds, above 0 and up to a day; empty if there is none.
std::string complaint_about_seconds(const std::string& text);

}  // namespace langfuse_cli
