#include "pipeline/diagnosis/server_version.h"

#include <array>
#include <charconv>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using Version = std::array<int, 3>;

constexpr Version newest_version = {1'000'000, 0, 0};

// "v3.59.0-rc.1" is 3.59.0.
Version parse(std::string_view text) {
  if (!text.empty() && text.front() == 'v') text.remove_prefix(1);
  Version version = {};
  for (int& part : version) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), part);
    if (parsed.ec != std::errc()) return newest_version;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (!text.empty() && text.front() == '.') text.remove_prefix(1);
  }
  return version;
}

}  // namespace

VersionVerdict judge_version(std::string_view version) {
  const Version server = parse(version);
  if (server < Version{3, 22, 0}) {
    return {ServerSupport::none, "it has no address for OpenTelemetry traces: nothing arrives"};
  }
  if (server < Version{3, 59, 0}) {
    return {
        ServerSupport::some_is_lost,
        "it does not know the langfuse.* attributes: observation types, input and output, model "
        "and usage, users and sessions are lost, and what is left is kept as metadata"};
  }
  if (server < Version{3, 106, 4}) {
    return {ServerSupport::some_is_lost,
            "the types agent, tool, chain, retriever, evaluator, embedding and guardrail are shown "
            "as span"};
  }
  return {};
}

bool has_observations_api(std::string_view version) {
  return parse(version) >= Version{4, 0, 0};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
