// How well a version of the Langfuse server supports what we send.
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

// `version`: from `/api/public/health`, for instance "4.16.0". A text that is not a version counts
// as fully supported. Source: the release notes of the server.
VersionVerdict judge_version(std::string_view version);

// True if the server answers `GET /api/public/v2/observations` from the tables that it now writes.
bool has_observations_api(std::string_view version);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
