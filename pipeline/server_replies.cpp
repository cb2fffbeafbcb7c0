#include "pipeline/server_replies.h"

#include <nlohmann/json.hpp>

#include "model/readable_json.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using Json = nlohmann::json;

// The member, or null where there is none.
Json member_of(const Json& object, const char* key) {
  return object.is_object() ? object.value(key, Json()) : Json();
}

std::string text_in(const Json& object, const char* key) {
  const Json value = member_of(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

Json parsed_body(std::string_view body) {
  return Json::parse(readable_json(body), nullptr, false);
}

}  // namespace

std::optional<std::string> read_health(std::string_view body) {
  const Json answer = parsed_body(body);
  if (text_in(answer, "status").empty()) return std::nullopt;
  return text_in(answer, "version");
}

std::optional<Project> read_project(std::string_view body) {
  const Json projects = member_of(parsed_body(body), "data");
  if (!projects.is_array() || projects.empty()) return std::nullopt;
  const Json& first = projects.front();
  return Project{text_in(first, "id"), text_in(first, "name"),
                 text_in(member_of(first, "organization"), "name")};
}

bool has_observation(std::string_view body) {
  const Json data = member_of(parsed_body(body), "data");
  return data.is_array() && !data.empty();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
