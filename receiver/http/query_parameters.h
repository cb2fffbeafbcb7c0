// The parameters in the query of a request.

#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "receiver/http/http_message.h"

namespace langfuse_receiver {

// A parameter that is not accepted; the text names it and goes to the client.
class InvalidParameter : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Empty if it is not given, or is empty.
std::optional<std::string> parameter(const HttpRequest& request, const char* name);

// Empty if `text` is anything but a decimal number.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace langfuse_receiver
