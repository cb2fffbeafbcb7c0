#include "langfuse/ids.h"

#include <algorithm>
#include <iterator>

#include "model/random_ids.h"
#include "model/sha256.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

template <class Id>
Id beginning_of_digest(std::string_view seed) noexcept {
  Id id;
  std::copy_n(internal::sha256(seed).begin(), std::size(id.bytes), id.bytes);
  return id;
}

}  // namespace

TraceId create_trace_id() noexcept {
  return internal::random_trace_id();
}

TraceId create_trace_id(std::string_view seed) noexcept {
  return seed.empty() ? internal::random_trace_id() : beginning_of_digest<TraceId>(seed);
}

SpanId create_observation_id(std::string_view seed) noexcept {
  return seed.empty() ? internal::random_span_id() : beginning_of_digest<SpanId>(seed);
}

}  // namespace v0_1
}  // namespace langfuse
