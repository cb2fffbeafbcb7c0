#include "pipeline/diagnosis/server_facts.h"

#include "exporter/json_walk.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::optional<std::string> read_health(std::string_view body) {
  std::string status;
  std::string version;
  const bool is_whole = walk_json(body, [&](const JsonScalar& scalar) {
    if (scalar.path == "/status") status = scalar.text;
    if (scalar.path == "/version") version = scalar.text;
  });
  if (!is_whole || status.empty()) return std::nullopt;
  return version;
}

std::optional<Project> read_project(std::string_view body) {
  std::optional<Project> project;
  const bool is_whole = walk_json(body, [&project](const JsonScalar& scalar) {
    constexpr std::string_view first = "/data/0/";
    if (scalar.path.substr(0, first.size()) != first) return;
    if (!project.has_value()) project.emplace();
    const std::string_view name = scalar.path.substr(first.size());
    if (name == "id") project->id = scalar.text;
    if (name == "name") project->name = scalar.text;
    if (name == "organization/name") project->organization = scalar.text;
  });
  return is_whole ? project : std::nullopt;
}

bool has_observation(std::string_view body) {
  bool has_one = false;
  const bool is_whole = walk_json(body, [&has_one](const JsonScalar& scalar) {
    constexpr std::string_view first = "/data/0";
    if (scalar.path.substr(0, first.size()) == first) has_one = true;
  });
  return is_whole && has_one;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
