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

}  // namespace langfuse_receiver
