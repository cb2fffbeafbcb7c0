#include "tracing/context/propagated_block.h"

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/record_attributes.h"
#include "tracing/bytes/attribute_pieces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

bool append(KeyedPieces& pieces, const KeyedPieces& added) noexcept {
  for (const KeyedPieces::Entry& entry : added.entries()) {
    char* const room = pieces.reserve(entry.size);
    if (room == nullptr) return false;
    write_raw(room, added.piece(entry));
    pieces.commit(entry.size, entry.key_offset, entry.key_size, entry.key_bit);
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
class TagsAttribute {
 public:
  explicit TagsAttribute(const KeyedPieces& tags) noexcept : tags_(tags) {
    for (const KeyedPieces::Entry& tag : tags.entries()) {
      values_size_ += length_field_size(length_field_size(tag.size));
    }
  }

  std::size_t bound() const noexcept {
    return values_size_ == 0 ? 0 : text_attribute_bound(keys::trace_tags, array_size());
  }
  char* write(char* out) const noexcept {
    // Field numbers of `AnyValue` and `ArrayValue`: opentelemetry/proto/common/v1/common.proto.
    constexpr int array_value_field = 5;
    constexpr int values_field = 1;
    constexpr int string_value_field = 1;
    if (values_size_ == 0) return out;
    out = begin_attribute(out, keys::trace_tags, array_size());
    out = write_length_field(out, array_value_field, values_size_);
    for (const KeyedPieces::Entry& tag : tags_.entries()) {
      out = write_length_field(out, values_field, length_field_size(tag.size));
      out = write_bytes_field(out, string_value_field, tags_.piece(tag));
    }
    return out;
  }

 private:
  std::size_t array_size() const noexcept { return length_field_size(values_size_); }

  const KeyedPieces& tags_;
  std::size_t values_size_ = 0;
};

// Makes `encoded` of all the rest. False when there is no memory.
bool encode(PropagatedBlock& block) noexcept {
  const TagsAttribute tags(block.tags);
  const FinishedAttributes attributes(block.attributes.bytes());
  const FinishedAttributes trace_public(view(block.trace_public));
  const FinishedAttributes trace_name(view(block.trace_name));
  const FinishedAttributes version(view(block.version));
  const FinishedAttributes prompt(view(block.prompt));
  const std::size_t bound = attributes.bound() + tags.bound() + trace_public.bound() +
                            trace_name.bound() + version.bound() + prompt.bound();
  block.encoded.clear(0);
  char* const room = block.encoded.reserve(bound + attribute_slack);
  if (room == nullptr) return false;
  AttributeWriter writer(room, bound);
  writer.write(attributes);
  writer.write(tags);
  writer.write(trace_public);
  writer.write(trace_name);
  const char* const version_begin = writer.out();
  writer.write(version);
  const char* const prompt_begin = writer.out();
  writer.write(prompt);
  if (writer.out() == nullptr) return false;
  block.version_at = static_cast<std::size_t>(version_begin - room);
  block.prompt_at = static_cast<std::size_t>(prompt_begin - room);
  block.encoded.commit(static_cast<std::size_t>(writer.out() - room));
  return true;
}

// All of it but `encoded`, and baggage.
bool add(PropagatedBlock& block, const PropagatedBlock& part) noexcept {
  return append(block.attributes, part.attributes) && append(block.tags, part.tags) &&
         replace(block.trace_public, part.trace_public) &&
         replace(block.trace_name, part.trace_name) && replace(block.version, part.version) &&
         replace(block.environment, part.environment) &&
         replace(block.environment_name, part.environment_name) &&
         replace(block.prompt, part.prompt);
}

bool add_baggage(PropagatedBlock& block, const PropagatedBlock& part) noexcept {
  return append(block.baggage, part.baggage) && append(block.baggage_tags, part.baggage_tags);
}

// A key is a part of its piece, so that equal pieces are all there is to compare.
bool covers(const KeyedPieces& pieces, const KeyedPieces& others) noexcept {
  for (const KeyedPieces::Entry& other : others.entries()) {
    const std::string_view wanted = others.piece(other);
    const bool is_there =
        std::any_of(pieces.entries().begin(), pieces.entries().end(),
                    [&](const KeyedPieces::Entry& entry) { return pieces.piece(entry) == wanted; });
    if (!is_there) return false;
  }
  return true;
}

bool covers(const GrowingArray<char>& bytes, const GrowingArray<char>& other) noexcept {
  return other.empty() || view(bytes) == view(other);
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
  bool is_whole = outer == nullptr || (add(*block, *outer) && add_baggage(*block, *outer));
  is_whole = is_whole && add(*block, added);
  if (with_baggage) {
    is_whole = is_whole && append(block->baggage, added.baggage) &&
               append(block->baggage_tags, added.tags);
  }
  return is_whole && encode(*block) ? block.release() : nullptr;
}

PropagatedBlock* united(const PropagatedBlock& outer, const PropagatedBlock& inner) noexcept {
  std::unique_ptr<PropagatedBlock> block(new (std::nothrow) PropagatedBlock());
  if (block == nullptr) return nullptr;
  for (const PropagatedBlock* part : {&outer, &inner}) {
    if (!add(*block, *part) || !add_baggage(*block, *part)) return nullptr;
  }
  return encode(*block) ? block.release() : nullptr;
}

PropagatedBlock* for_another_trace(const PropagatedBlock& block) noexcept {
  std::unique_ptr<PropagatedBlock> copy(united(PropagatedBlock(), block));
  if (copy == nullptr) return nullptr;
  copy->trace_public.clear(0);
  return encode(*copy) ? copy.release() : nullptr;
}

bool covers(const PropagatedBlock& block, const PropagatedBlock& other) noexcept {
  return covers(block.attributes, other.attributes) && covers(block.tags, other.tags) &&
         covers(block.trace_public, other.trace_public) &&
         covers(block.trace_name, other.trace_name) && covers(block.version, other.version) &&
         covers(block.environment, other.environment) && covers(block.prompt, other.prompt) &&
         covers(block.baggage, other.baggage) && covers(block.baggage_tags, other.baggage_tags);
}

std::size_t attribute_count(const PropagatedBlock& block) noexcept {
  return block.attributes.entries().size() + block.tags.entries().size();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
