#include "receiver/http/query_parameters.h"

#include <charconv>

namespace langfuse_receiver {

std::optional<std::string> parameter(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() || found->second.empty()
             ? std::nullopt
             : std::optional<std::string>(found->second);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::int64_t limit_parameter(const HttpRequest& request, std::int64_t by_default,
                             std::int64_t most) {
  const auto text = parameter(request, "limit");
  if (!text) {
    return by_default;
  }
  const auto limit = whole_number(*text);
  if (!limit || *limit < 1 || *limit > most) {
    throw InvalidParameter("limit: expected 1 to " + std::to_string(most) + ", got " + *text);
  }
  return *limit;
}

}  // namespace langfuse_receiver
