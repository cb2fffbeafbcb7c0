// The messages about failed requests: what happened, and what to do about it.
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

// One or two sentences about a reply of `address` that did not deliver. `records`: the number that
// waits, or, with `drop` and `split`, is lost. `next_try`: shown for `hold`.
std::string describe_trouble(Verdict verdict, const HttpReply& reply, std::string_view address,
                             std::uint64_t records, std::chrono::nanoseconds next_try);

// A message about `records` refused events of a batch; `words` are the server's about the first.
std::string describe_refusal(std::string_view address, std::uint64_t records, int status,
                             const std::string& words);

// A message with the server's words about records that it accepted.
std::string describe_warning(std::string_view address, const std::string& words);

// A message that `scores_url` accepts no scores, while `records` of them waited.
std::string describe_no_route(std::string_view scores_url, std::uint64_t records);

// One line for `LANGFUSE_DEBUG`: status, size of what was sent, time. `request`: method and
// address.
std::string describe_request(const HttpReply& reply, std::string_view request,
                             std::size_t body_bytes);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
