// Random ids for traces, spans and scores: unique, not secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "langfuse/ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// 64 random bits from a generator of the calling thread, which is seeded by the system at its first
// use, and in a forked child once more. Any thread; never blocks, never allocates after the first
// call.
std::uint64_t random_bits() noexcept;

// Never all zero.
TraceId random_trace_id() noexcept;
inline SpanId random_span_id() noexcept {
  const std::uint64_t bits = random_bits();
  const std::uint64_t word = bits == 0 ? 1 : bits;
  SpanId id;
  std::memcpy(id.bytes, &word, sizeof id.bytes);
  return id;
}

// Both at once, as a root needs them.
void make_random_ids(TraceId& trace_id, SpanId& span_id) noexcept;

// A random UUID as text: version 4 of RFC 9562, in lower case.
struct UuidText {
  static constexpr std::size_t size = 36;
  char text[size];

  operator std::string_view() const noexcept { return {text, size}; }
};
UuidText random_uuid() noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
