#include "tracing/propagated_block.h"

#include <memory>
#include <new>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "tracing/attribute_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

bool append(KeyedPieces& pieces, const KeyedPieces& added) noexcept {
  for (const KeyedPieces::Entry& entry : added.entries()) {
    char* const room = pieces.reserve(entry.size);
    if (room == nullptr) return false;
    write_raw(room, added.piece(entry));
    pieces.commit(entry.group, entry.size, entry.key_offset, entry.key_size);
  }
  return true;
}

// Replaces it, unless there is nothing to replace it by.
bool replace(GrowingArray<char>& bytes, const GrowingArray<char>& by) noexcept {
  if (by.empty()) return true;
  const std::size_t old_size = bytes.size();
  char* const room = bytes.reserve(by.size());
  if (room == nullptr) return false;
  write_raw(room, view(by));
  bytes.commit(by.size());
  bytes.erase(0, old_size);
  return true;
}

// All tags as one attribute: an array of strings, which is what the server unites no further.
bool encode_tags(PropagatedBlock& block) noexcept {
  // Field numbers of `AnyValue` and `ArrayValue`: opentelemetry/proto/common/v1/common.proto.
  constexpr int array_value_field = 5;
  constexpr int values_field = 1;
  constexpr int string_value_field = 1;
  if (block.tags.entries().empty()) return true;
  std::size_t values_size = 0;
  for (const KeyedPieces::Entry& tag : block.tags.entries()) {
    values_size += length_field_size(length_field_size(tag.size));
  }
  const std::size_t array_size = length_field_size(values_size);
  char* const room = block.attributes.reserve(text_attribute_bound(keys::trace_tags, array_size) +
                                              attribute_slack);
  if (room == nullptr) return false;
  char* out = begin_attribute(room, keys::trace_tags, array_size);
  out = write_length_field(out, array_value_field, values_size);
  for (const KeyedPieces::Entry& tag : block.tags.entries()) {
    out = write_length_field(out, values_field, length_field_size(tag.size));
    out = write_bytes_field(out, string_value_field, block.tags.piece(tag));
  }
  commit_attribute(block.attributes, keys::trace_tags, room, out);
  return true;
}

}  // namespace

void PropagatedReference::retain(const PropagatedBlock* block) noexcept {
  internal::retain(block);
}

void PropagatedReference::release(const PropagatedBlock* block) noexcept {
  internal::release(block);
}

void retain(const PropagatedBlock* block) noexcept {
  if (block != nullptr) block->references.fetch_add(1, std::memory_order_relaxed);
}

void release(const PropagatedBlock* block) noexcept {
  // Acquire and release: whoever deletes it comes after all who have read it.
  if (block != nullptr && block->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete block;
  }
}

PropagatedBlock* merged(const PropagatedBlock* outer, const PropagatedBlock& added,
                        bool with_baggage) noexcept {
  std::unique_ptr<PropagatedBlock> block(new (std::nothrow) PropagatedBlock());
  if (block == nullptr) return nullptr;
  bool is_whole = true;
  for (const PropagatedBlock* part : {outer, &added}) {
    if (part == nullptr) continue;
    is_whole = is_whole && append(block->attributes, part->attributes) &&
               replace(block->trace_name, part->trace_name) &&
               replace(block->version, part->version) &&
               replace(block->environment, part->environment) &&
               replace(block->environment_name, part->environment_name) &&
               replace(block->prompt, part->prompt) && append(block->tags, part->tags);
    if (part == outer) {
      is_whole = is_whole && append(block->baggage, outer->baggage) &&
                 append(block->baggage_tags, outer->baggage_tags);
    } else if (with_baggage) {
      is_whole = is_whole && append(block->baggage, added.baggage) &&
                 append(block->baggage_tags, added.tags);
    }
  }
  return is_whole && encode_tags(*block) ? block.release() : nullptr;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
