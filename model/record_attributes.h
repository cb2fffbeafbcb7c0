// What a record's attributes are made of: one description of each gives its bound, its bytes and
// the check that it fits.
//
// An encoder lists what its record carries, once. From the list come the room that the record gets
// and what is written into it, so that an attribute that is added cannot be forgotten in one of the
// two. A writer that passes its bound all the same stops a debug build, and costs any other the
// record, which is counted.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/attribute_encoder.h"
#include "model/attribute_key.h"
#include "model/attribute_layout.h"
#include "model/cut_text.h"
#include "model/likely.h"
#include "model/protobuf_writer.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// All of these, and `ConstantAttribute`, have the same two functions: `bound()`, at most how many
// bytes `write(out)` writes; and `write`, which returns where the next byte goes, and may touch
// `attribute_slack` bytes behind that. Views: what they are made from must live as long.

class TextAttribute {
 public:
  TextAttribute(const AttributeKey& key, const Text& text) noexcept : key_(key), text_(text) {}

  std::size_t bound() const noexcept { return text_attribute_bound(key_, text_.size()); }
  char* write(char* out) const noexcept { return write_text_attribute(out, key_, text_); }

 private:
  const AttributeKey& key_;
  const Text& text_;
};

// The same under a key whose layouts are known.
template <const KnownText& layouts>
class KnownTextAttribute {
 public:
  explicit KnownTextAttribute(const Text& text) noexcept : text_(text) {}

  std::size_t bound() const noexcept { return text_attribute_bound(layouts.key(), text_.size()); }
  char* write(char* out) const noexcept {
    char* const text = layouts.write(out, text_.size());
    return text != nullptr ? text_.write(text) : write_text_attribute(out, layouts.key(), text_);
  }

 private:
  const Text& text_;
};

class IntegerAttribute {
 public:
  IntegerAttribute(const AttributeKey& key, std::int64_t value) noexcept
      : key_(key), value_(value) {}

  std::size_t bound() const noexcept { return scalar_attribute_bound(key_); }
  char* write(char* out) const noexcept {
    const auto bits = static_cast<std::uint64_t>(value_);  // too large if negative
    return bits <= largest_plain_integer ? write_plain_integer(out, key_, bits)
                                         : write_other_integer(out, key_, value_);
  }

 private:
  const AttributeKey& key_;
  std::int64_t value_;
};

class UnsignedAttribute {
 public:
  UnsignedAttribute(const AttributeKey& key, std::uint64_t value) noexcept
      : key_(key), value_(value) {}

  std::size_t bound() const noexcept { return scalar_attribute_bound(key_); }
  char* write(char* out) const noexcept {
    return value_ <= largest_plain_integer ? write_plain_integer(out, key_, value_)
                                           : write_other_integer(out, key_, value_);
  }

 private:
  const AttributeKey& key_;
  std::uint64_t value_;
};

// Attributes that are bytes already.
class FinishedAttributes {
 public:
  explicit FinishedAttributes(std::string_view bytes) noexcept : bytes_(bytes) {}

  std::size_t bound() const noexcept { return bytes_.size(); }
  char* write(char* out) const noexcept { return write_raw(out, bytes_); }

 private:
  std::string_view bytes_;
};

// One of these where `is_there`, nothing otherwise.
template <class Attribute>
class OptionalAttribute {
 public:
  OptionalAttribute(bool is_there, Attribute attribute) noexcept
      : is_there_(is_there), attribute_(attribute) {}

  std::size_t bound() const noexcept { return is_there_ ? attribute_.bound() : 0; }
  char* write(char* out) const noexcept { return is_there_ ? attribute_.write(out) : out; }

 private:
  bool is_there_;
  Attribute attribute_;
};

// A constant one. A view, because all of it would be copied otherwise.
class OptionalConstant {
 public:
  OptionalConstant(bool is_there, const ConstantAttribute& attribute) noexcept
      : attribute_(is_there ? &attribute : nullptr) {}

  std::size_t bound() const noexcept { return attribute_ == nullptr ? 0 : attribute_->bound(); }
  char* write(char* out) const noexcept {
    return attribute_ == nullptr ? out : attribute_->write(out);
  }

 private:
  const ConstantAttribute* attribute_;
};

// A text that is left out when it is empty.
inline OptionalAttribute<TextAttribute> optional_text(const AttributeKey& key,
                                                      const Text& text) noexcept {
  return {!text.empty(), TextAttribute(key, text)};
}

// Writes one attribute behind the other, and none that has no room.
class AttributeWriter {
 public:
  // `room`: `capacity` bytes, and `attribute_slack` more.
  AttributeWriter(char* room, std::size_t capacity) noexcept : out_(room), end_(room + capacity) {}

  template <class Attribute>
  void write(const Attribute& attribute) noexcept {
    const std::size_t bound = attribute.bound();
    if (!likely(out_ != nullptr && bound <= static_cast<std::size_t>(end_ - out_))) {
      out_ = nullptr;
      return;
    }
    char* const end = attribute.write(out_);
    const bool is_in_bound = static_cast<std::size_t>(end - out_) <= bound;
    assert(is_in_bound && "an attribute writes more than it says");
    out_ = is_in_bound ? end : nullptr;
  }

  // Where the next byte goes; null when something had no room or took more than it had said: the
  // record is worth nothing.
  char* out() const noexcept { return out_; }
  bool is_in_bounds() const noexcept { return out_ != nullptr; }

 private:
  char* out_;
  const char* end_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
