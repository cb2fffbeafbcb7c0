#include "model/record_attributes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/attribute_key.h"
#include "storage/span_record.h"
#include "tests/support/otlp_text.h"

namespace langfuse::internal {
namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

SpanFields example_fields() {
  SpanFields fields;
  fields.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  fields.span_id = SpanId::from_hex("a1b2c3d4e5f60718");
  fields.name = Text::well_formed("name");
  return fields;
}

// Says `said` bytes and writes `written`.
struct Untrue {
  std::size_t said;
  std::size_t written;
  std::size_t bound() const noexcept { return said; }
  char* write(char* out) const noexcept { return out + written; }
};

template <class Attribute>
void expect_within_bound(const Attribute& attribute, const std::string& what) {
  std::vector<char> room(attribute.bound() + attribute_slack);

  const char* const end = attribute.write(room.data());

  EXPECT_LE(static_cast<std::size_t>(end - room.data()), attribute.bound()) << what;
}

constexpr AttributeKey known_key("langfuse.observation.completion_start_time");
constexpr KnownText known_layouts(known_key);

TEST(RecordAttributes, NoneWritesMoreThanItsBound) {
  static constexpr AttributeKey key("langfuse.observation.completion_start_time");
  for (const int size : {0, 1, 94, 95, 96, 127, 128, 16'383, 16'384, 2'097'152}) {
    const std::string text(static_cast<std::size_t>(size), 'x');
    const Text measured(text);
    expect_within_bound(TextAttribute(key, measured), std::to_string(size));
    expect_within_bound(KnownTextAttribute<known_layouts>(measured), std::to_string(size));
    expect_within_bound(optional_text(key, measured), std::to_string(size));
  }
  for (const std::int64_t value :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
        std::int64_t{1} << 31, std::int64_t{1} << 53, std::numeric_limits<std::int64_t>::max()}) {
    expect_within_bound(IntegerAttribute(key, value), std::to_string(value));
    expect_within_bound(UnsignedAttribute(key, static_cast<std::uint64_t>(value)),
                        std::to_string(value));
  }
  static constexpr ConstantAttribute flag = ConstantAttribute::flag(key);
  expect_within_bound(flag, "flag");
  expect_within_bound(OptionalConstant(true, flag), "optional flag");
  expect_within_bound(FinishedAttributes("bytes"), "bytes");
  expect_within_bound(ConstantAttribute(AttributeKey("langfuse.observation.type"), "guardrail"),
                      "constant");
}

TEST(RecordAttributes, AKnownKeyHasTheSameBytesAsAnyOther) {
  for (const std::size_t size : {0u, 1u, 60u, 61u, 95u, 127u, 128u, 16'383u, 16'384u, 2'097'152u}) {
    const std::string text(size, 'x');
    const Text measured(text);
    const TextAttribute general(known_key, measured);
    const KnownTextAttribute<known_layouts> known(measured);
    std::string expected(general.bound() + attribute_slack, '\0');
    std::string written(known.bound() + attribute_slack, '\0');

    expected.resize(static_cast<std::size_t>(general.write(expected.data()) - expected.data()));
    written.resize(static_cast<std::size_t>(known.write(written.data()) - written.data()));

    EXPECT_EQ(written, expected) << size;
  }
}

TEST(RecordAttributes, WhatIsNotThereTakesNothing) {
  constexpr AttributeKey key("key");
  const OptionalAttribute<IntegerAttribute> absent(false, IntegerAttribute(key, 1));
  char room[1];

  EXPECT_EQ(absent.bound(), 0u);
  EXPECT_EQ(absent.write(room), room);
  EXPECT_EQ(optional_text(key, Text()).bound(), 0u);
}

TEST(RecordAttributes, AreWrittenInTheOrderOfTheList) {
  constexpr AttributeKey first("first");
  constexpr AttributeKey second("second");
  const Text text("text");

  const EncodedRecord encoded = encode_span(example_fields(), no_limit, TextAttribute(first, text),
                                            IntegerAttribute(second, 7));

  const std::vector<DecodedSpan> spans = decode_records(encoded.record->bytes());
  ASSERT_EQ(spans.size(), 1u);
  const std::string written = to_text(spans[0]);
  EXPECT_LT(written.find("first"), written.find("second"));
}

#if defined(NDEBUG)
TEST(RecordAttributes, OneThatWritesMoreThanItSaidCostsTheRecordAndNothingElse) {
  const EncodedRecord encoded = encode_span(example_fields(), no_limit, Untrue{8, 9});

  EXPECT_EQ(encoded.record, nullptr);
  EXPECT_EQ(encoded.dropped_as, DropReason::too_large);
}
#else
TEST(RecordAttributesDeathTest, OneThatWritesMoreThanItSaidStopsTheProgram) {
  EXPECT_DEATH(encode_span(example_fields(), no_limit, Untrue{8, 9}),
               "an attribute writes more than it says");
}
#endif

TEST(RecordAttributes, TheWriterTakesNothingThatHasNoRoom) {
  char room[16 + attribute_slack];
  AttributeWriter writer(room, 16);

  writer.write(Untrue{16, 10});
  EXPECT_EQ(writer.out(), room + 10);
  writer.write(Untrue{7, 1});
  writer.write(Untrue{1, 1});

  EXPECT_EQ(writer.out(), nullptr);
}

}  // namespace
}  // namespace langfuse::internal
