#include "model/attribute_layout.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"

namespace langfuse::internal {
namespace {

std::string written(const KnownText& layout, const std::string& text) {
  std::vector<char> room(layout.bound(text.size()) + constant_room);
  char* const begin = layout.write(room.data(), text.size());
  std::memcpy(begin, text.data(), text.size());
  const auto size = static_cast<std::size_t>(begin - room.data()) + text.size();
  EXPECT_LE(size, layout.bound(text.size()));
  return std::string(room.data(), size);
}

std::string in_general(const AttributeKey& key, const std::string& text) {
  std::string bytes;
  append_text_attribute(bytes, key.text(), text);
  return bytes;
}

TEST(KnownText, WritesWhatTheGeneralWayWrites) {
  static constexpr KnownText input(keys::input);
  static constexpr KnownText completion(keys::completion_start_time);
  std::size_t taken = 0;
  for (std::size_t size = 0; size < 17'000; size += size < 300 ? 1 : 97) {
    const std::string text(size, 'x');
    for (const KnownText* const layout : {&input, &completion}) {
      if (!layout->takes(size)) continue;
      ++taken;
      ASSERT_EQ(written(*layout, text), in_general(layout->key(), text)) << size;
    }
  }
  EXPECT_GT(taken, 900u);
}

TEST(KnownText, LeavesToTheGeneralWayWhatHasNoLayout) {
  static constexpr KnownText layout(keys::input);
  std::vector<std::size_t> left;
  for (std::size_t size = 0; size < 200; ++size) {
    if (!layout.takes(size)) left.push_back(size);
  }
  char room[constant_room];

  EXPECT_EQ(left, (std::vector<std::size_t>{126, 127}));
  EXPECT_EQ(layout.write(room, 126), nullptr);
  EXPECT_EQ(layout.write(room, 16'384), nullptr);
}

TEST(KnownText, KnowsWhereItsKeyIs) {
  static constexpr KnownText layout(keys::output);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{95}, std::size_t{96}, std::size_t{5000}}) {
    const std::string bytes = written(layout, std::string(size, 'x'));
    EXPECT_EQ(layout.key_offset(size), attribute_key_offset(bytes)) << size;
    EXPECT_EQ(bytes.substr(layout.key_offset(size), keys::output.text().size()),
              keys::output.text());
  }
}

template <class Outer, class Inner>
std::string with_prefix(const std::string& part, const std::string& value) {
  static constexpr PrefixLayout<Outer, Inner> layout(keys::metadata_prefix);
  const std::size_t value_size = 1 + Inner::size + value.size();
  if (!layout.takes(part.size(), value_size)) return "<not taken>";
  std::vector<char> room(layout.bound(part.size(), value_size) + constant_room);
  char* out = layout.write(room.data(), part.size(), value_size);
  out = write_raw(out, part);
  *out++ = length_tag(2);
  Inner::write(out, value_size);
  out += Inner::size;
  *out++ = length_tag(1);
  Inner::write(out, value.size());
  out = write_raw(out + Inner::size, value);
  const auto size = static_cast<std::size_t>(out - room.data());
  EXPECT_EQ(size, layout.bound(part.size(), value_size));
  return std::string(room.data(), size);
}

TEST(PrefixLayout, PutsTheUsersPartBehindOurs) {
  const auto expected = [](const std::string& part, const std::string& value) {
    return in_general(AttributeKey(std::string(keys::metadata_prefix.text()) + part), value);
  };
  const std::string middle(100, 'x');
  const std::string large(300, 'x');

  EXPECT_EQ((with_prefix<ShortLength, ShortLength>("key", "value")), expected("key", "value"));
  EXPECT_EQ((with_prefix<LongLength, ShortLength>("key", middle)), expected("key", middle));
  EXPECT_EQ((with_prefix<LongLength, LongLength>("key", large)), expected("key", large));
  EXPECT_EQ((with_prefix<ShortLength, ShortLength>("key", middle)), "<not taken>");
  EXPECT_EQ((with_prefix<LongLength, ShortLength>("key", "value")), "<not taken>");
  EXPECT_EQ((with_prefix<LongLength, LongLength>(std::string(98, 'k'), large)), "<not taken>");
}

TEST(FixedLength, HoldsWhatAVarintOfItsSizeHolds) {
  char bytes[2];
  LongLength::write(bytes, LongLength::largest);

  EXPECT_EQ(std::string_view(bytes, 2), "\xFF\x7F");
  EXPECT_EQ(varint_size(ShortLength::largest), 1u);
  EXPECT_EQ(varint_size(LongLength::least), 2u);
  EXPECT_EQ(varint_size(LongLength::largest), 2u);
  EXPECT_EQ(varint_size(LongLength::largest + 1), 3u);
}

}  // namespace
}  // namespace langfuse::internal
