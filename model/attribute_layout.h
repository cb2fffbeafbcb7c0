// The layout of an attribute that is written in one go: everything but the value and its lengths is
// known when the library is compiled.
//
//   4A length | 0A length key | 12 length | 0A length text      (a text attribute of a span)
//
// A layout is the bytes in front of the text, and where in them the lengths stand. The outer one
// takes one byte or two, and so do the inner ones: three layouts for texts of up to 16 KB, each as
// short as protobuf has it. What fits none is written the general way, by `attribute_encoder.h`.
// Source: opentelemetry/proto/common/v1/common.proto.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/attribute_key.h"
#include "model/protobuf_writer.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A length in a fixed number of bytes.
template <std::size_t Size>
struct FixedLength {
  static_assert(Size == 1 || Size == 2);
  static constexpr std::size_t size = Size;
  static constexpr std::size_t least = Size == 1 ? 0 : 0x80;
  static constexpr std::size_t largest = Size == 1 ? 0x7F : 0x3FFF;

  static void write(char* out, std::size_t length) noexcept {
    if constexpr (Size == 1) {
      out[0] = static_cast<char>(length);
    } else {
      out[0] = static_cast<char>(length | 0x80);
      out[1] = static_cast<char>(length >> 7);
    }
  }
};

// In front of a text under one of our own keys.
template <class Outer, class Inner>
class TextLayout : public ConstantBytes {
 public:
  constexpr explicit TextLayout(const AttributeKey& key) noexcept {
    add(length_tag(9));
    add_room(Outer::size);
    add(key.view());
    value_length_at_ = static_cast<std::uint8_t>(size());
    add_room(Inner::size);
    add(length_tag(1));
    add_room(Inner::size);
  }

  // Whether each length of a text of this size takes as many bytes as it has here.
  constexpr bool takes(std::size_t text_size) const noexcept {
    const std::size_t value_size = 1 + Inner::size + text_size;
    return text_size >= Inner::least && value_size <= Inner::largest &&
           own_size() + text_size >= Outer::least && own_size() + text_size <= Outer::largest;
  }
  // Returns where the text goes. REQUIRES: `takes(text_size)`.
  char* write(char* out, std::size_t text_size) const noexcept {
    char* const text = ConstantBytes::write(out);
    Outer::write(out + 1, own_size() + text_size);
    Inner::write(out + value_length_at_, 1 + Inner::size + text_size);
    Inner::write(text - Inner::size, text_size);
    return text;
  }

 private:
  // Of what the attribute's own length counts in front of the text.
  constexpr std::size_t own_size() const noexcept { return size() - 1 - Outer::size; }

  std::uint8_t value_length_at_ = 0;
};

// In front of the user's part of a key that begins with ours. Behind that part stand the tag of the
// value, its length, and the value.
template <class Outer, class Inner>
class PrefixLayout : public ConstantBytes {
 public:
  constexpr explicit PrefixLayout(const AttributeKey& prefix) noexcept
      : prefix_size_(static_cast<std::uint8_t>(prefix.text().size())) {
    add(length_tag(9));
    add_room(Outer::size);
    add(length_tag(1));
    add_room(1);
    add(prefix.text());
  }

  // Whether each length takes as many bytes as it has here. `value_size`: of the value without its
  // tag and length.
  constexpr bool takes(std::size_t part_size, std::size_t value_size) const noexcept {
    const std::size_t all = length(part_size, value_size);
    return prefix_size_ + part_size <= FixedLength<1>::largest && value_size >= Inner::least &&
           value_size <= Inner::largest && all >= Outer::least && all <= Outer::largest;
  }
  // Of all that `begin`, and the value, write.
  constexpr std::size_t bound(std::size_t part_size, std::size_t value_size) const noexcept {
    return 1 + Outer::size + length(part_size, value_size);
  }
  // Returns where the user's part goes. REQUIRES: `takes(part_size, value_size)`.
  char* write(char* out, std::size_t part_size, std::size_t value_size) const noexcept {
    char* const part = ConstantBytes::write(out);
    Outer::write(out + 1, length(part_size, value_size));
    out[1 + Outer::size + 1] = static_cast<char>(prefix_size_ + part_size);
    return part;
  }

 private:
  constexpr std::size_t length(std::size_t part_size, std::size_t value_size) const noexcept {
    return size() - 1 - Outer::size + part_size + 1 + Inner::size + value_size;
  }

  std::uint8_t prefix_size_;
};

using ShortLength = FixedLength<1>;
using LongLength = FixedLength<2>;

// The layouts of a text attribute of ours.
class KnownText {
 public:
  constexpr explicit KnownText(const AttributeKey& key) noexcept
      : key_(key), short_(key), middle_(key), long_(key) {}
  constexpr explicit KnownText(const AttributeKey&& temporary) = delete;

  constexpr const AttributeKey& key() const noexcept { return key_; }
  constexpr bool takes(std::size_t text_size) const noexcept {
    return short_.takes(text_size) || middle_.takes(text_size) || long_.takes(text_size);
  }
  // At most what `write`, and the text behind it, take.
  constexpr std::size_t bound(std::size_t text_size) const noexcept {
    return long_.size() + text_size;
  }
  // Where the text of the key begins in a written attribute.
  constexpr std::size_t key_offset(std::size_t text_size) const noexcept {
    return short_.takes(text_size) ? 4 : 5;
  }
  // Everything in front of the text; touches `constant_room` bytes. Returns where the text goes;
  // null when no layout takes it.
  char* write(char* out, std::size_t text_size) const noexcept {
    if (short_.takes(text_size)) return short_.write(out, text_size);
    if (middle_.takes(text_size)) return middle_.write(out, text_size);
    return long_.takes(text_size) ? long_.write(out, text_size) : nullptr;
  }

 private:
  const AttributeKey& key_;
  TextLayout<ShortLength, ShortLength> short_;
  TextLayout<LongLength, ShortLength> middle_;
  TextLayout<LongLength, LongLength> long_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
