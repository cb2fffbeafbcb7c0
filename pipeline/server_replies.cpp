#include "pipeline/server_replies.h"

#include <nlohmann/json.hpp>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using Json = nlohmann::json;

// The member, or null where there is none.
Json member(const Json& object, const char* key) {
  return object.is_object() ? object.value(key, Json()) : Json();
}

std::string text(const Json& object, const char* key) {
  const Json value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

Json parse(std::string_view body) {
  return Json::parse(body, nullptr, false);
}

}  // namespace

std::optional<std::string> read_health(std::string_view body) {
  const Json answer = parse(body);
  if (text(answer, "status").empty()) return std::nullopt;
  return text(answer, "version");
}

std::optional<Project> read_project(std::string_view body) {
  const Json projects = member(parse(body), "data");
  if (!projects.is_array() || projects.empty()) return std::nullopt;
  const Json& first = projects.front();
  return Project{text(first, "id"), text(first, "name"),
                 text(member(first, "organization"), "name")};
}

bool has_observation(std::string_view body) {
  const Json data = member(parse(body), "data");
  return data.is_array() && !data.empty();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
