// The attributes that a context carries: encoded once, and shared by everything inside the context.
//
// One thread builds a block. Afterwards it never changes, and is counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "langfuse/tracing/context.h"
#include "tracing/bytes/growing_array.h"
#include "tracing/bytes/keyed_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct PropagatedBlock {
  mutable std::atomic<std::uint32_t> references{1};

  KeyedPieces attributes;  // finished: user, session, metadata of the trace
  // The mark that the trace is public. Never copied to another trace.
  GrowingArray<char> trace_public;
  // Also finished. A record that has one of them itself leaves it out.
  GrowingArray<char> trace_name;
  GrowingArray<char> version;
  GrowingArray<char> environment;
  GrowingArray<char> prompt;

  GrowingArray<char> environment_name;  // the plain name in `environment`, for scores
  KeyedPieces tags;                     // the texts, which are also their keys

  // The members of baggage headers: `key=value`, and the tags among them.
  KeyedPieces baggage;
  KeyedPieces baggage_tags;

  // What records get, in one copy: everything above but `environment`, the tags as one attribute.
  // Empty in what is not yet the block of a context.
  GrowingArray<char> encoded;
  std::size_t version_at = 0;  // in `encoded`: version and prompt come last, because some records
  std::size_t prompt_at = 0;   // leave them out
};

// Both do nothing for null.
void retain(const PropagatedBlock* block) noexcept;
void release(const PropagatedBlock* block) noexcept;

// A new block with the attributes of `outer` (may be null), and those of `added` on top, which
// become baggage only `with_baggage`. `added` is not a block of a context, but the attributes for
// one. Null when there is no memory.
PropagatedBlock* merged(const PropagatedBlock* outer, const PropagatedBlock& added,
                        bool with_baggage) noexcept;
// A new block with the attributes of two blocks of contexts. Where both have one, that of `inner`
// counts. Null when there is no memory.
PropagatedBlock* united(const PropagatedBlock& outer, const PropagatedBlock& inner) noexcept;
// A copy for another trace, without the mark that this trace is public. Null when there is no
// memory.
PropagatedBlock* for_another_trace(const PropagatedBlock& block) noexcept;

// True if `block` has all attributes of `other`, with the same values.
bool covers(const PropagatedBlock& block, const PropagatedBlock& other) noexcept;
// The number of its attributes and tags.
std::size_t attribute_count(const PropagatedBlock& block) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
