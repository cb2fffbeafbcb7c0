// The parameters in the query of a request.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

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

// The parameter `limit`. Throws `InvalidParameter` for anything but a number from 1 to `most`.
std::int64_t limit_parameter(const HttpRequest& request, std::int64_t by_default,
                             std::int64_t most);

// Each field of a query from the parameter that is named beside it.
template <class Query>
void set_from_parameters(
    const HttpRequest& request, Query& query,
    std::initializer_list<std::pair<std::optional<std::string> Query::*, const char*>> fields) {
  for (const auto& [field, name] : fields) {
    query.*field = parameter(request, name);
  }
}

}  // namespace langfuse_receiver
