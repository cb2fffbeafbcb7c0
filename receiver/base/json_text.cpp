#include "receiver/base/json_text.h"

#include "receiver/base/json_parser.h"

namespace langfuse_receiver {

std::optional<Json> parse_json(std::string_view text, std::string* error) {
  JsonParser parser(text);
  Json document;
  if (parser.parse(document)) {
    return document;
  }
  if (error != nullptr) {
    *error = parser.problem();
  }
  return std::nullopt;
}

std::string to_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace langfuse_receiver
