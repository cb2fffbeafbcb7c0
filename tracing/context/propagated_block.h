// The attributes that a context carries: encoded once, shared by all that happens inside.
//
// A block is built by one thread, then never changed and counted.
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

  KeyedPieces attributes;             // finished: user, session, metadata of the trace
  GrowingArray<char> tags_attribute;  // finished: all of `tags`
  // That the trace is public: of this trace only, and never taken into another.
  GrowingArray<char> trace_public;
  // Finished, too, and each left out where a record says it itself.
  GrowingArray<char> trace_name;
  GrowingArray<char> version;
  GrowingArray<char> environment;
  GrowingArray<char> prompt;

  GrowingArray<char> environment_name;  // what `environment` says, as scores have it
  KeyedPieces tags;                     // the texts, which are also their keys

  // What also goes into headers: `key=value`, and the tags among them.
  KeyedPieces baggage;
  KeyedPieces baggage_tags;
};

void retain(const PropagatedBlock* block) noexcept;   // null: nothing to do
void release(const PropagatedBlock* block) noexcept;  // the same

// A new block with what `outer` has (null: nothing) and what `added` has on top of it, its baggage
// only `with_baggage`. `added` is no block of a context, but what such a block is made from. Null
// when there is no memory.
PropagatedBlock* merged(const PropagatedBlock* outer, const PropagatedBlock& added,
                        bool with_baggage) noexcept;
// The same for two blocks of contexts; where both say one thing, what `inner` says.
PropagatedBlock* united(const PropagatedBlock& outer, const PropagatedBlock& inner) noexcept;
// The same block for another trace: without what is said of this one alone. Null: no memory.
PropagatedBlock* for_another_trace(const PropagatedBlock& block) noexcept;

// Whether `block` says all that `other` says, and nothing else in its place.
bool covers(const PropagatedBlock& block, const PropagatedBlock& other) noexcept;
// How many attributes and tags it holds.
std::size_t attribute_count(const PropagatedBlock& block) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
