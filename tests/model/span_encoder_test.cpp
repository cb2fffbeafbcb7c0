#include "model/span_encoder.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "model/attribute_encoder.h"
#include "storage/span_record.h"
#include "tests/support/otlp_text.h"

namespace langfuse::internal {
namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

SpanFields example_fields() {
  SpanFields fields;
  fields.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  fields.span_id = SpanId::from_hex("a1b2c3d4e5f60718");
  fields.name = Text("handle-order");
  fields.start_unix_nano = 1'786'000'000'000'000'000;
  fields.end_unix_nano = 1'786'000'002'500'000'000;
  return fields;
}

EncodedRecord encode(const SpanFields& fields, std::size_t max_bytes = no_limit) {
  constexpr AttributeKey key("key");
  const Text value("value");
  return encode_span(fields, max_bytes, TextAttribute(key, value));
}

std::string text(const EncodedRecord& span) {
  if (span.record == nullptr) return to_string(span.dropped_as);
  const std::vector<DecodedSpan> spans = decode_records(span.record->bytes());
  return spans.size() == 1 ? to_text(spans[0]) : "<not one span>";
}

TEST(SpanEncoder, WritesARootWithoutAParent) {
  EXPECT_EQ(text(encode(example_fields())),
            "span 7d1f0c52a9be4e0d8a36c1f2b4e5d607 a1b2c3d4e5f60718 \"handle-order\"\n"
            "  kind 1, 1786000000000000000 .. 1786000002500000000\n"
            "  key = \"value\"\n"
            "  status 0 \"\"\n");
}

TEST(SpanEncoder, WritesTheParentOfAChild) {
  SpanFields fields = example_fields();
  fields.parent_span_id = SpanId::from_hex("00000000000000ff");

  EXPECT_EQ(decode_records(encode(fields).record->bytes()).at(0).parent_span_id,
            "00000000000000ff");
}

TEST(SpanEncoder, WritesTheStatusOnceWithCodeAndMessage) {
  SpanFields fields = example_fields();
  fields.is_error = true;
  fields.status_message = Text("out of stock");

  const DecodedSpan span = decode_records(encode(fields).record->bytes()).at(0);

  const std::vector<std::pair<int, std::string>> expected = {{2, "out of stock"}};
  EXPECT_EQ(span.statuses, expected);
}

TEST(SpanEncoder, LeavesTheMessageToErrors) {
  SpanFields fields = example_fields();
  fields.status_message = Text("just so you know");

  const DecodedSpan span = decode_records(encode(fields).record->bytes()).at(0);

  const std::vector<std::pair<int, std::string>> expected = {{0, ""}};
  EXPECT_EQ(span.statuses, expected);
}

TEST(SpanEncoder, NeverWritesAZeroTimeOrATimeThatRunsBackwards) {
  SpanFields fields = example_fields();
  fields.start_unix_nano = 0;
  fields.end_unix_nano = 0;
  const DecodedSpan without_times = decode_records(encode(fields).record->bytes()).at(0);
  fields.start_unix_nano = 1000;
  fields.end_unix_nano = 999;
  const DecodedSpan backwards = decode_records(encode(fields).record->bytes()).at(0);

  EXPECT_EQ(without_times.start_unix_nano, 1u);
  EXPECT_EQ(without_times.end_unix_nano, 1u);
  EXPECT_EQ(backwards.end_unix_nano, 1000u);
}

TEST(SpanEncoder, FillsTheHeaderOfTheRecord) {
  SpanFields fields = example_fields();
  fields.kind = RecordKind::log_line;

  const EncodedRecord span = encode(fields);

  EXPECT_EQ(span.record->kind, RecordKind::log_line);
  EXPECT_EQ(span.record->trace_id, fields.trace_id);
  EXPECT_EQ(span.record->span_id, fields.span_id);
  EXPECT_EQ(span.record->start_unix_nano, fields.start_unix_nano);
  EXPECT_LE(span.record->size, span.record->capacity);
}

TEST(SpanEncoder, CutsASpanThatIsTooLarge) {
  SpanFields fields = example_fields();
  const std::string name(5000, 'n');
  fields.name = Text(name);

  const EncodedRecord span = encode(fields, 1000);

  ASSERT_NE(span.record, nullptr);
  EXPECT_LE(span.record->size, 1000u);
  EXPECT_EQ(span.cut_texts, 1u);
  EXPECT_EQ(decode_records(span.record->bytes()).at(0).name.substr(0, 600), name.substr(0, 600));
}

TEST(SpanEncoder, RefusesASpanThatIsTooLargeWithoutItsTexts) {
  const std::size_t size = encode(example_fields()).record->size;

  EXPECT_NE(encode(example_fields(), size).record, nullptr);
  const EncodedRecord refused = encode(example_fields(), size - 1);

  EXPECT_EQ(refused.record, nullptr);
  EXPECT_EQ(refused.dropped_as, DropReason::too_large);
}

TEST(SpanEncoder, LaysRecordsEndToEnd) {
  const EncodedRecord first = encode(example_fields());
  const EncodedRecord second = encode(example_fields());
  const std::string both = std::string(first.record->bytes()) + std::string(second.record->bytes());

  EXPECT_EQ(decode_records(both).size(), 2u);
}

}  // namespace
}  // namespace langfuse::internal
