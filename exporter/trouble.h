// What a user is told when sending does not work: what happened, and what to do about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/retry_policy.h"
#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// One sentence or two for a verdict other than `delivered` on the reply of `address`. `records`:
// how many wait, or with `drop` and `split` how many are lost. `next_try`: shown for `hold`.
std::string describe_trouble(Verdict verdict, const HttpReply& reply, std::string_view address,
                             std::uint64_t records, std::chrono::nanoseconds next_try);

// The refusal of `records` events of a batch; `words` are the server's on the first one.
std::string describe_refusal(std::string_view address, std::uint64_t records, int status,
                             const std::string& words);

// The server's words on records that it took.
std::string describe_warning(std::string_view address, const std::string& words);

// That nobody takes scores at `scores_url`, while `records` of them waited.
std::string describe_no_route(std::string_view scores_url, std::uint64_t records);

// One line for `LANGFUSE_DEBUG`: status, size of what was sent, time. `request`: method and
// address.
std::string describe_request(const HttpReply& reply, std::string_view request,
                             std::size_t body_bytes);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
