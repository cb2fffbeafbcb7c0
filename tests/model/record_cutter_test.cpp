#include "model/record_cutter.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "model/attribute_encoder.h"
#include "storage/span_record.h"
#include "tests/support/otlp_text.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

using Attributes = std::vector<std::pair<std::string, std::string>>;

struct Example {
  std::string name = "name";
  std::string status;
  Attributes attributes;
};

RecordPtr encode(const Example& example) {
  SpanFields fields;
  fields.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  fields.span_id = SpanId::from_hex("a1b2c3d4e5f60718");
  fields.parent_span_id = SpanId::from_hex("00000000000000ff");
  fields.name = Text(example.name);
  fields.start_unix_nano = 1;
  fields.end_unix_nano = 2;
  fields.is_error = !example.status.empty();
  fields.status_message = Text(example.status);
  std::string bytes;
  for (const auto& [key, text] : example.attributes) append_text_attribute(bytes, key, text);
  constexpr AttributeKey number("number");
  return encode_span(fields, no_limit, FinishedAttributes(bytes), IntegerAttribute(number, -7))
      .record;
}

std::string mark(std::size_t missing) {
  return "\xE2\x80\xA6[truncated " + std::to_string(missing) + " bytes]";
}

DecodedSpan decoded(const Record& record) {
  const std::vector<DecodedSpan> spans = decode_records(record.bytes());
  EXPECT_EQ(spans.size(), 1u);
  return spans.at(0);
}

TEST(RecordCutter, LeavesARecordAloneThatIsSmallEnough) {
  const RecordPtr record = encode({"name", "", {{"a", std::string(5000, 'x')}}});
  const std::string before(record->bytes());

  EXPECT_EQ(cut_record(*record, record->size), 0u);

  EXPECT_EQ(record->bytes(), before);
}

TEST(RecordCutter, CutsTheLongestTextsToOneLengthAndKeepsTheRest) {
  const RecordPtr record = encode({"name",
                                   "",
                                   {{"long", std::string(9000, 'x')},
                                    {"short", std::string(600, 'y')},
                                    {"longer", std::string(20'000, 'z')}}});

  EXPECT_EQ(cut_record(*record, 4000), 2u);

  EXPECT_LE(record->size, 4000u);
  EXPECT_GT(record->size, 3900u);
  const DecodedSpan span = decoded(*record);
  const std::string x = span.text("long");
  const std::size_t kept = x.find_first_not_of('x');
  EXPECT_EQ(x, std::string(kept, 'x') + mark(9000 - kept));
  EXPECT_EQ(span.text("longer"), std::string(kept, 'z') + mark(20'000 - kept));
  EXPECT_EQ(span.text("short"), std::string(600, 'y'));
  EXPECT_EQ(span.attribute("number"), "-7 (double)");
  EXPECT_EQ(span.name, "name");
  EXPECT_EQ(span.parent_span_id, "00000000000000ff");
  EXPECT_EQ(span.end_unix_nano, 2u);
  EXPECT_EQ(span.statuses.size(), 1u);
}

TEST(RecordCutter, CutsNameAndStatusMessageToo) {
  const RecordPtr record = encode({std::string(3000, 'n'), std::string(3000, 's'), {}});

  EXPECT_EQ(cut_record(*record, 2000), 2u);

  const DecodedSpan span = decoded(*record);
  const std::size_t kept = span.name.find_first_not_of('n');
  EXPECT_EQ(span.name, std::string(kept, 'n') + mark(3000 - kept));
  EXPECT_EQ(span.statuses.at(0).first, 2);
  EXPECT_EQ(span.statuses.at(0).second, std::string(kept, 's') + mark(3000 - kept));
}

TEST(RecordCutter, CutsBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xF0\x9F\x98\x80";
  for (std::size_t limit = 1000; limit < 1008; ++limit) {
    const RecordPtr record = encode({"name", "", {{"a", text}}});

    EXPECT_EQ(cut_record(*record, limit), 1u);

    const std::string cut = decoded(*record).text("a");
    const std::size_t kept = cut.find("\xE2\x80\xA6");
    EXPECT_EQ(kept % 4, 0u);
    EXPECT_EQ(cut, text.substr(0, kept) + mark(4000 - kept));
  }
}

TEST(RecordCutter, CountsInItsMarkWhatWasMissingBefore) {
  const RecordPtr record = encode({"name", "", {{"a", std::string(4000, 'x') + mark(123'456)}}});

  EXPECT_EQ(cut_record(*record, 2000), 1u);

  const std::string cut = decoded(*record).text("a");
  const std::size_t kept = cut.find_first_not_of('x');
  EXPECT_EQ(cut, std::string(kept, 'x') + mark(123'456 + 4000 - kept));
}

TEST(RecordCutter, CanCutTheSameRecordAgain) {
  const RecordPtr record = encode({"name", "", {{"a", std::string(100'000, 'x')}}});
  for (std::size_t limit = 50'000; limit > 600; limit /= 2) {
    EXPECT_EQ(cut_record(*record, limit), 1u);
    EXPECT_LE(record->size, limit);
    const std::string cut = decoded(*record).text("a");
    const std::size_t kept = cut.find_first_not_of('x');
    EXPECT_EQ(cut, std::string(kept, 'x') + mark(100'000 - kept));
  }
}

// What is no JSON any more is dropped by the server.
TEST(RecordCutter, LeavesJsonObjectsWholeWhereOthersCanBeCut) {
  const std::string json = "{\"p\":\"" + std::string(2000, 'j') + "\"}";
  for (const char* key :
       {"langfuse.observation.model.parameters", "langfuse.observation.usage_details",
        "langfuse.observation.cost_details"}) {
    const RecordPtr record = encode({"name", "", {{key, json}, {"a", std::string(5000, 'x')}}});

    EXPECT_EQ(cut_record(*record, 4000), 1u);

    EXPECT_LE(record->size, 4000u);
    EXPECT_EQ(decoded(*record).text(key), json);
    EXPECT_EQ(cut_record(*record, 1500), 2u) << "nothing else helps any more";
    EXPECT_LE(record->size, 1500u);
  }
}

TEST(RecordCutter, GivesUpWhenTheTextsAreNotWhatIsTooMuch) {
  Example example;
  for (int i = 0; i < 1000; ++i) {
    example.attributes.emplace_back("key" + std::to_string(i), std::string(200, 'x'));
  }
  const RecordPtr record = encode(example);
  const std::string before(record->bytes());

  EXPECT_EQ(cut_record(*record, before.size() / 2), 0u);

  EXPECT_EQ(record->bytes(), before);
}

// What it reads was written by the library, but perhaps kept on a disk meanwhile.
TEST(RecordCutter, StaysInsideOfWhatIsNoSpan) {
  for (int byte = 0; byte < 256; ++byte) {
    const RecordPtr record = make_record(std::string(1000, static_cast<char>(byte)));

    cut_record(*record, 500);

    EXPECT_LE(record->size, 1000u);
  }
}

TEST(RecordCutter, DoesNotTouchScores) {
  const RecordPtr record = make_record(std::string(5000, '{'), RecordKind::score);

  EXPECT_EQ(cut_record(*record, 1000), 0u);

  EXPECT_EQ(record->bytes(), std::string(5000, '{'));
}

}  // namespace
}  // namespace langfuse::internal
