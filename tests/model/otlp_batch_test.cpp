#include "model/otlp_batch.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "storage/span_record.h"
#include "tests/support/otlp_text.h"

namespace langfuse::internal {
namespace {

std::string a_record() {
  SpanFields fields;
  fields.trace_id = TraceId::from_hex("00000000000000000000000000000001");
  fields.span_id = SpanId::from_hex("0000000000000002");
  fields.name = Text("a name");
  const EncodedRecord span = encode_span(fields, std::numeric_limits<std::size_t>::max());
  return std::string(span.record->bytes());
}

TEST(OtlpBatchHeader, MakesRecordsARequest) {
  const OtlpBatchHeader header({{"service.name", "shop"}, {"langfuse.release", ""}}, "0.1.0",
                               "pk-lf-1");
  const std::string records = a_record() + a_record();
  std::string body;

  header.append_to(body, records.size());
  body += records;

  const DecodedBatch batch = decode_request(body);
  EXPECT_EQ(batch.resource, "service.name = \"shop\"\n");
  EXPECT_EQ(batch.scope, "langfuse-sdk 0.1.0\npublic_key = \"pk-lf-1\"\n");
  EXPECT_EQ(batch.spans.size(), 2u);
}

TEST(OtlpBatchHeader, HoldsForBatchesOfAnySize) {
  const OtlpBatchHeader header({}, "0.1.0", "");
  std::string records;
  for (const std::size_t count : {0u, 1u, 3u, 100u, 2000u}) {
    records.clear();
    for (std::size_t i = 0; i < count; ++i) records += a_record();
    std::string body;

    header.append_to(body, records.size());
    body += records;

    EXPECT_EQ(decode_request(body).spans.size(), count);
  }
}

TEST(OtlpBatchHeader, RepairsInvalidUtf8) {
  const OtlpBatchHeader header({{"service.name", "sh\xF6p"}}, "0.1.0", "");
  std::string body;

  header.append_to(body, 0);

  EXPECT_EQ(decode_request(body).resource, "service.name = \"sh\xEF\xBF\xBDp\"\n");
}

}  // namespace
}  // namespace langfuse::internal
