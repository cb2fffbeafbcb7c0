// What the version of a Langfuse server means for what we send.
#pragma once

#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

enum class ServerSupport { full, some_is_lost, none };

struct VersionVerdict {
  ServerSupport support = ServerSupport::full;
  std::string what_is_lost;  // empty with `full`
};

// `version`: as `/api/public/health` says it, "4.16.0". One that is no version gets the benefit of
// the doubt. Source: the release notes of the server.
VersionVerdict judge_version(std::string_view version);

// Whether it answers `GET /api/public/v2/observations` from the tables that it writes today.
bool has_observations_api(std::string_view version);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
