// The constant parts of attributes, encoded when the library is compiled.
//
// Most bytes of our attributes are their keys, and some attributes are constant as a whole. Writing
// a constant part copies a constant number of bytes, usually more than the part has, so the room
// must be there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "model/cut_text.h"
#include "model/protobuf_writer.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Writing a constant part always copies this many bytes.
constexpr std::size_t constant_room = 64;

// Bytes made when the library is compiled. A constant that exceeds the room does not compile.
class ConstantBytes {
 public:
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::string_view view() const noexcept { return {bytes_, size_}; }
  // Touches `constant_room` bytes. Returns where the next byte goes.
  char* write(char* out) const noexcept {
    std::memcpy(out, bytes_, constant_room);
    return out + size_;
  }

 protected:
  constexpr ConstantBytes() noexcept = default;
  constexpr void add(char byte) noexcept { bytes_[size_++] = byte; }
  constexpr void add(std::string_view bytes) noexcept {
    for (const char byte : bytes) add(byte);
  }
  // Of what is filled in when it is written.
  constexpr void add_room(std::size_t size) noexcept {
    for (; size > 0; --size) add('\0');
  }

 private:
  char bytes_[constant_room] = {};
  std::uint8_t size_ = 0;
};

// One of our keys: `KeyValue.key` with tag and length, and the tag of `KeyValue.value`, which
// always follows. Source: opentelemetry/proto/common/v1/common.proto.
class AttributeKey : public ConstantBytes {
 public:
  // `number`, 1 to 31, tells the keys apart that are set on an open observation; 0 is for all
  // others.
  constexpr explicit AttributeKey(std::string_view text, std::uint8_t number = 0) noexcept
      : number_(number) {
    add(length_tag(1));
    add(static_cast<char>(text.size()));
    add(text);
    add(length_tag(2));
  }

  constexpr std::string_view text() const noexcept { return view().substr(2, size() - 3); }
  constexpr std::uint8_t number() const noexcept { return number_; }

 private:
  std::uint8_t number_;
};

// A whole attribute of a span, of less than 128 bytes.
class ConstantAttribute : public ConstantBytes {
 public:
  constexpr ConstantAttribute(const AttributeKey& key, std::string_view text) noexcept {
    add(length_tag(9));
    add(static_cast<char>(key.size() + text.size() + 3));
    add(key.view());
    add(static_cast<char>(text.size() + 2));
    add(length_tag(1));
    add(static_cast<char>(text.size()));
    add(text);
  }
  // A flag that is only ever said where it holds.
  static constexpr ConstantAttribute flag(const AttributeKey& key) noexcept {
    ConstantAttribute attribute;
    attribute.add(length_tag(9));
    attribute.add(static_cast<char>(key.size() + 3));
    attribute.add(key.view());
    attribute.add('\2');
    attribute.add(varint_tag(2));
    attribute.add('\1');
    return attribute;
  }

  constexpr std::size_t bound() const noexcept { return size(); }

 private:
  constexpr ConstantAttribute() noexcept = default;
};

// One of our keys, with or without a part from the user behind it. A view.
class FullKey {
 public:
  FullKey(const AttributeKey& key) noexcept : prefix_(&key) {}
  FullKey(const AttributeKey&& temporary) = delete;
  FullKey(const AttributeKey& our_prefix, const Text& users_part) noexcept
      : prefix_(&our_prefix), suffix_(&users_part) {}

  bool has_users_part() const noexcept { return suffix_ != nullptr; }
  std::string_view our_part() const noexcept { return prefix_->text(); }
  // Of the key of ours.
  std::uint8_t number() const noexcept { return prefix_->number(); }
  std::size_t text_size() const noexcept {
    return prefix_->text().size() + (suffix_ == nullptr ? 0 : suffix_->size());
  }
  // True if `text` is the key that `write` writes.
  bool reads_as(std::string_view text) const noexcept {
    const std::string_view prefix = prefix_->text();
    if (suffix_ == nullptr) return text == prefix;
    return text.substr(0, prefix.size()) == prefix && suffix_->reads_as(text.substr(prefix.size()));
  }
  // The size of what `write` writes.
  std::size_t size() const noexcept {
    return suffix_ == nullptr ? prefix_->size() : length_field_size(text_size()) + 1;
  }
  // Touches `constant_room` bytes. Returns where the length of the value goes.
  char* write(char* out) const noexcept {
    if (suffix_ == nullptr) return prefix_->write(out);
    out = write_raw(write_length_field(out, 1, text_size()), prefix_->text());
    out = suffix_->write(out);
    *out++ = length_tag(2);
    return out;
  }

 private:
  const AttributeKey* prefix_;
  const Text* suffix_ = nullptr;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
