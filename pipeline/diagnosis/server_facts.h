// What the server's JSON answers say, as far as `diagnose` reads them.
//
// Anything may come from the other side: what is not as expected is simply not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// `GET /api/public/health`: the server's version, empty when it does not say. Nothing when the
// answer is not Langfuse's.
std::optional<std::string> read_health(std::string_view body);

struct Project {
  std::string id;
  std::string name;
  std::string organization;
};

// `GET /api/public/projects`: the project of the keys. Nothing when there is none.
std::optional<Project> read_project(std::string_view body);

// `GET /api/public/v2/observations`: whether there is any.
bool has_observation(std::string_view body);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
