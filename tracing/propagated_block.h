// The attributes that a context carries: encoded once, shared by all that happens inside.
//
// A block is built by one thread, then never changed and counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "langfuse/tracing/context.h"
#include "tracing/growing_array.h"
#include "tracing/keyed_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct PropagatedBlock {
  mutable std::atomic<std::uint32_t> references{1};

  KeyedPieces attributes;  // finished: user, session, tags, metadata of the trace
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
// only `with_baggage`. Null when there is no memory.
PropagatedBlock* merged(const PropagatedBlock* outer, const PropagatedBlock& added,
                        bool with_baggage) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
