// The web page: one HTML file that is built into the program, and the policy that it is served
// with.

#pragma once

#include <string>

#include "receiver/http/http_message.h"

namespace langfuse_receiver {

// The page, with a content security policy that allows exactly the script and the style inside it
// (by their hashes), and nothing but requests to the receiver itself. What a model wrote can
// therefore never run, even if the page had a fault.
HttpResponse web_page();

}  // namespace langfuse_receiver
