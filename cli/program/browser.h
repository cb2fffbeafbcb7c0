// The user's web browser.

#pragma once

#include <string>

namespace langfuse_cli {

// Shows `url` in the program that `BROWSER` names, else as the desktop does (`xdg-open`). Does not
// wait for it. False if neither can be started. The browser outlives this program, and prints
// nothing.
bool open_in_browser(const std::string& url);

}  // namespace langfuse_cli
