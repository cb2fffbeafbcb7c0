#include "model/attribute_encoder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "tests/support/otlp_text.h"

namespace langfuse::internal {
namespace {

constexpr AttributeKey k("k");

// A span field's worth of attribute inside a record: what it reads as.
std::string read(std::string_view attribute) {
  std::string record(6, '\0');
  record[0] = length_tag(2);
  write_padded_length(&record[1], attribute.size());
  record += attribute;
  const std::vector<DecodedSpan> spans = decode_records(record);
  if (spans.size() != 1 || spans[0].attributes.size() != 1) return "<not one attribute>";
  return spans[0].attributes[0].first + " = " + spans[0].attributes[0].second;
}

template <class Write>
std::string scalar(Write write) {
  char bytes[128 + attribute_slack];
  const char* const end = write(bytes);
  const std::string_view attribute(bytes, static_cast<std::size_t>(end - bytes));
  EXPECT_LE(attribute.size(), scalar_attribute_bound(k));
  EXPECT_EQ(attribute[attribute_key_offset(attribute)], 'k');
  return read(attribute);
}

std::string integer(std::int64_t value) {
  return scalar([value](char* out) { return write_integer_attribute(out, k, value); });
}

std::string unsigned_integer(std::uint64_t value) {
  return scalar([value](char* out) { return write_unsigned_attribute(out, k, value); });
}

std::string real(double value) {
  return scalar([value](char* out) { return write_real_attribute(out, k, value); });
}

// What servers before 3.214 take a protobuf integer for: the low half is read with its sign.
std::int64_t as_older_servers_read(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  const auto low = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  return (value >> 32) * (std::int64_t{1} << 32) + low;
}

// Integers outside 0 … 2^31 - 1 go out as doubles.
TEST(AttributeEncoder, WritesAsIntegersOnlyWhatEveryServerReadsRight) {
  EXPECT_EQ(integer(0), "k = 0");
  EXPECT_EQ(integer(2'147'483'647), "k = 2147483647");
  EXPECT_EQ(unsigned_integer(2'147'483'647), "k = 2147483647");
  EXPECT_EQ(integer(-1), "k = -1 (double)");
  EXPECT_EQ(integer(-7), "k = -7 (double)");
  EXPECT_EQ(integer(-2'147'483'648), "k = -2147483648 (double)");
  EXPECT_EQ(integer(2'147'483'648), "k = 2147483648 (double)");
  EXPECT_EQ(unsigned_integer(2'147'483'648), "k = 2147483648 (double)");
  EXPECT_EQ(integer(3'000'000'000), "k = 3000000000 (double)");
  EXPECT_EQ(integer(4'294'967'296), "k = 4294967296 (double)");
  EXPECT_EQ(integer(9007199254740992), "k = 9007199254740992 (double)");
  EXPECT_EQ(integer(-9007199254740992), "k = -9007199254740992 (double)");
  EXPECT_EQ(unsigned_integer(9007199254740992), "k = 9007199254740992 (double)");

  for (int bit = 0; bit < 63; ++bit) {
    for (const std::int64_t near : {-1, 0, 1}) {
      const std::int64_t value = (std::int64_t{1} << bit) + near;
      if (integer(value) == "k = " + std::to_string(value)) {
        EXPECT_EQ(as_older_servers_read(value), value);
      }
    }
  }
}

TEST(AttributeEncoder, WritesLargerIntegersAsText) {
  EXPECT_EQ(integer(9007199254740993), "k = \"9007199254740993\"");
  EXPECT_EQ(integer(-9007199254740993), "k = \"-9007199254740993\"");
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::min()), "k = \"-9223372036854775808\"");
  EXPECT_EQ(unsigned_integer(std::numeric_limits<std::uint64_t>::max()),
            "k = \"18446744073709551615\"");
}

TEST(AttributeEncoder, WritesFiniteNumbersAsDoublesAndOthersAsText) {
  EXPECT_EQ(real(0.0), "k = 0 (double)");
  EXPECT_EQ(real(-2.5), "k = -2.5 (double)");
  EXPECT_EQ(real(std::numeric_limits<double>::max()), "k = 1.7976931348623157e+308 (double)");
  EXPECT_EQ(real(std::numeric_limits<double>::quiet_NaN()), "k = \"NaN\"");
  EXPECT_EQ(real(std::numeric_limits<double>::infinity()), "k = \"Infinity\"");
  EXPECT_EQ(real(-std::numeric_limits<double>::infinity()), "k = \"-Infinity\"");
}

TEST(AttributeEncoder, WritesBothBoolsWithAValue) {
  EXPECT_EQ(scalar([](char* out) { return write_bool_attribute(out, k, true); }), "k = true");
  EXPECT_EQ(scalar([](char* out) { return write_bool_attribute(out, k, false); }), "k = false");
}

TEST(AttributeEncoder, WritesTextOfEverySizeIntoExactlyTheSizeItSays) {
  for (const std::size_t size :
       {0u, 1u, 100u, 113u, 114u, 118u, 119u, 127u, 128u, 16'383u, 16'384u, 70'000u}) {
    std::string bytes;

    append_text_attribute(bytes, "key", std::string(size, 'x'));

    constexpr AttributeKey key("key");
    EXPECT_EQ(bytes.size(), text_attribute_size(key, size));
    EXPECT_LE(bytes.size(), text_attribute_bound(key, size));
    EXPECT_EQ(read(bytes), "key = \"" + std::string(size, 'x') + "\"");
    EXPECT_EQ(bytes.substr(attribute_key_offset(bytes), 3), "key");
  }
}

TEST(AttributeEncoder, FindsTheKeyBehindLengthsOfAnySize) {
  for (const std::size_t size : {1u, 127u, 128u, 20'000u}) {
    std::string bytes;

    append_text_attribute(bytes, std::string(size, 'k'), "v");

    EXPECT_EQ(bytes.substr(attribute_key_offset(bytes), size), std::string(size, 'k'));
  }
}

TEST(AttributeEncoder, WritesAKeyWithAPartOfTheUsersOfAnySize) {
  constexpr AttributeKey prefix("langfuse.observation.metadata.");
  for (const std::size_t size : {1u, 97u, 98u, 20'000u}) {
    const std::string part(size, 'k');
    const Text users_part(part);
    const FullKey key(prefix, users_part);
    std::string bytes(text_attribute_size(key, 1) + attribute_slack, '\0');

    const char* const end = write_text_attribute(bytes.data(), key, Text("v"));
    bytes.resize(static_cast<std::size_t>(end - bytes.data()));

    EXPECT_EQ(bytes.size(), text_attribute_size(key, 1));
    EXPECT_EQ(bytes.substr(attribute_key_offset(bytes), key.text_size()),
              "langfuse.observation.metadata." + part);
    EXPECT_EQ(read(bytes), "langfuse.observation.metadata." + part + " = \"v\"");
  }
}

TEST(AttributeEncoder, WritesAConstantAttributeAsAnyOtherText) {
  constexpr AttributeKey key("langfuse.observation.type");
  constexpr ConstantAttribute attribute(key, "generation");
  std::string expected;
  append_text_attribute(expected, key.text(), "generation");

  char bytes[constant_room];
  const char* const end = attribute.write(bytes);

  EXPECT_EQ(std::string_view(bytes, static_cast<std::size_t>(end - bytes)), expected);
}

TEST(AttributeEncoder, RepairsKeysAndValues) {
  std::string bytes;

  append_text_attribute(bytes, "k\xFF", "v\xC3");

  EXPECT_EQ(read(bytes), "k\xEF\xBF\xBD = \"v\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace langfuse::internal
