// Reads the facts that `diagnose` needs from the server's JSON answers.
//
// Any text may come from the server: a fact that is not found is absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// `GET /api/public/health`: the server's version, empty when it names none. Nothing when the answer
// is not Langfuse's.
std::optional<std::string> read_health(std::string_view body);

struct Project {
  std::string id;
  std::string name;
  std::string organization;
};

// `GET /api/public/projects`: the project of the keys. Nothing when there is none.
std::optional<Project> read_project(std::string_view body);

// `GET /api/public/v2/observations`: true if the answer has an observation.
bool has_observation(std::string_view body);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
