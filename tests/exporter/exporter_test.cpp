#include "exporter/exporter.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "storage/span_record.h"
#include "tests/exporter/exporter_fixture.h"
#include "tests/support/gunzip.h"
#include "tests/support/otlp_text.h"

namespace langfuse::internal {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(ExporterTest, ABatchIsItsRecordsBehindOneHeader) {
  add({"one", "two", "three"});

  poll();

  ASSERT_EQ(transport_.request_count(), 1U);
  EXPECT_EQ(sent(0), "onetwothree");
  EXPECT_FALSE(transport_.requests()[0].is_gzip);
}

TEST_F(ExporterTest, AnAcceptedBatchIsDeliveredAndItsMemoryGivenBack) {
  const std::size_t footprint = make_record("one")->footprint() + make_record("three")->footprint();
  add({"one", "three"}, 7);
  poll();
  EXPECT_EQ(exporter_.unsettled(7), 2U);
  EXPECT_EQ(exporter_.unsettled(6), 0U);

  answer(200);

  ASSERT_EQ(settled_.size(), 1U);
  EXPECT_TRUE(settled_[0].is_delivered);
  EXPECT_EQ(settled_[0].records, 2U);
  EXPECT_EQ(settled_[0].epoch, 7U);
  EXPECT_EQ(settled_[0].route, Route::spans);
  EXPECT_EQ(settled_[0].footprint, footprint);
  EXPECT_EQ(exporter_.unsettled(7), 0U);
  EXPECT_EQ(exporter_.answers()[0], 1U);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(ExporterTest, OneRequestIsInFlightAtATimeAndTheOrderIsKept) {
  add({"a"});
  add({"b"});
  add({"c"});

  poll();
  poll();
  EXPECT_EQ(transport_.request_count(), 1U);
  answer(200);
  EXPECT_EQ(transport_.request_count(), 2U);
  answer(200);
  answer(200);

  EXPECT_EQ(delivered(), 3U);
  EXPECT_EQ(sent(0) + sent(1) + sent(2), "abc");
  EXPECT_EQ(exporter_.answers()[0], 3U);
}

TEST_F(ExporterTest, NothingIsDueWithoutBatchesOrWhileOneIsInFlight) {
  EXPECT_EQ(exporter_.due(), SteadyTime::max());
  add({"a"});
  EXPECT_LE(exporter_.due(), transport_.now());
  poll();
  EXPECT_EQ(exporter_.due(), SteadyTime::max());
}

TEST_F(ExporterTest, ABatchThatIsTooLargeIsSentInHalvesInOrder) {
  add({"aa", "bb", "cc", "dd", "ee"});
  add({"ff"});
  poll();

  answer(413);
  poll();
  while (transport_.is_in_flight(Route::spans)) answer(200);

  EXPECT_EQ(delivered(), 6U);
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i < transport_.request_count(); ++i) bodies.push_back(sent(i));
  EXPECT_THAT(bodies, ElementsAre("aabbccddee", "aabb", "ccdd", "ee", "ff"));
}

TEST_F(ExporterTest, ASplitBatchKeepsItsEpochInEveryPart) {
  add({"aa", "bb"}, 3);
  poll();
  answer(413);
  EXPECT_EQ(exporter_.unsettled(2), 0U);
  EXPECT_EQ(exporter_.unsettled(3), 2U);
  poll();
  EXPECT_EQ(exporter_.unsettled(3), 2U);
  answer(200);
  answer(200);

  ASSERT_EQ(settled_.size(), 2U);
  EXPECT_EQ(settled_[0].epoch, 3U);
  EXPECT_EQ(settled_[1].epoch, 3U);
}

TEST_F(ExporterTest, OnlyTheRecordThatIsRefusedAloneIsDropped) {
  const std::string huge(1000, 'h');
  add({"a", "b", huge, "c"});
  poll();
  // A way to the server that takes 100 bytes.
  while (transport_.is_in_flight(Route::spans)) {
    answer(sent(transport_.request_count() - 1).size() > 100 ? 413 : 200);
  }

  EXPECT_EQ(delivered(), 3U);
  EXPECT_EQ(dropped(DropReason::too_large), 1U);
  EXPECT_EQ(dropped(), 1U);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("refused 1 record as too large")));
}

TEST_F(ExporterTest, ARecordThatIsRefusedAloneIsCutUntilItPasses) {
  SpanFields fields;
  const std::string name(20'000, 'n');
  fields.name = Text(name);
  EncodedRecord span = encode_span(fields, name.size() * 2);
  Batch batch;
  batch.records.push_back(std::move(span.record));
  exporter_.add(std::move(batch));
  ++added_;
  poll();

  while (transport_.is_in_flight(Route::spans)) {
    answer(sent(transport_.request_count() - 1).size() > 6000 ? 413 : 200);
  }

  EXPECT_EQ(delivered(), 1U);
  EXPECT_EQ(exporter_.cut_texts(), 2U);  // to 10 000 and to 5 000 bytes
  EXPECT_EQ(transport_.request_count(), 3U);
  const std::vector<DecodedSpan> spans = decode_records(sent(2));
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name.substr(0, 4000), name.substr(0, 4000));
  EXPECT_EQ(spans[0].name.substr(spans[0].name.size() - 7), " bytes]");
}

TEST_F(ExporterTest, ALearnedLimitHoldsForLaterBatchesAndGrowsBack) {
  const std::string record(10, 'r');
  add({record, record, record, record});
  poll();
  answer(413);  // 40 bytes: half of it is the limit
  poll();
  answer(200);
  answer(200);
  ASSERT_EQ(transport_.request_count(), 3U);
  add({record, record, record});
  poll();
  EXPECT_EQ(sent(3).size(), 20U);
  answer(200);
  answer(200);  // 4 deliveries within the limit

  for (int i = 4; i < 500; ++i) {  // five times a tenth more, each rounded up: 20 → 37
    add({"x"});
    poll();
    answer(200);
  }
  const std::size_t before = transport_.request_count();
  add({record, record, record});
  poll();

  EXPECT_EQ(sent(before).size(), 30U);
}

TEST_F(ExporterTest, ARefusedBatchIsDroppedWithTheServersWords) {
  add({"a", "b"});
  add({"c"});
  poll();

  answer(FakeTransport::status(400, "{\"error\":\"Invalid\nspan\"}"));
  answer(200);

  EXPECT_EQ(dropped(DropReason::rejected), 2U);
  EXPECT_EQ(delivered(), 1U);
  EXPECT_THAT(said_, ElementsAre("https://traces.test/v1 refused 2 records for good (status 400): "
                                 "{\"error\":\"Invalid\\nspan\"}"));
}

// An answer that repeats what it was sent, so that the cut would leave most of the key.
TEST_F(ExporterTest, NoPartOfTheSecretIsInTheWordsOfTheServer) {
  DiagnosticsOptions diagnostics;
  diagnostics.secret = "sk-lf-0123456789abcdef";
  diagnostics.on_error = [this](const Diagnostic& diagnostic) {
    said_.emplace_back(diagnostic.message);
  };
  configure_diagnostics(std::move(diagnostics));
  for (const char* const form : {"sk-lf-0123456789abcdef", "%73k-lf-0123456789abcdef",
                                 "cGs6c2stbGYtMDEyMzQ1Njc4OWFiY2RlZg=="}) {
    for (std::size_t before = 160; before < 210; ++before) {
      add({"a"});
      poll();

      answer(FakeTransport::status(400, std::string(before, '.') + form + " is the key"));

      EXPECT_EQ(said_.back().find("..sk-"), std::string::npos) << said_.back();
      EXPECT_EQ(said_.back().find("..%73"), std::string::npos) << said_.back();
      EXPECT_EQ(said_.back().find("..cGs"), std::string::npos) << said_.back();
      EXPECT_EQ(exporter_.last_trouble().find("lf-0"), std::string::npos);
    }
  }
}

TEST_F(ExporterTest, ScoresGoAsJsonAndNeverCompressed) {
  ExporterOptions with_gzip = options();
  with_gzip.compression = Compression::gzip;
  Exporter exporter(with_gzip, transport_, transport_);
  Batch batch;
  batch.route = Route::scores;
  batch.records.push_back(make_record("{\"id\":1}", RecordKind::score));
  batch.records.push_back(make_record("{\"id\":2}", RecordKind::score));
  exporter.add(std::move(batch));

  exporter.poll(settled_);

  ASSERT_EQ(transport_.request_count(), 1U);
  EXPECT_EQ(transport_.requests()[0].endpoint, Endpoint::ingestion);
  EXPECT_FALSE(transport_.requests()[0].is_gzip);
  EXPECT_EQ(transport_.requests()[0].body,
            "{\"batch\":[{\"id\":1},{\"id\":2}],\"metadata\":{\"batch_size\":2,"
            "\"sdk_name\":\"cpp\",\"sdk_version\":\"0.1.0\",\"public_key\":\"pk-lf-1\"}}");
}

TEST_F(ExporterTest, SpansAreCompressedWhenAskedFor) {
  ExporterOptions with_gzip = options();
  with_gzip.compression = Compression::gzip;
  Exporter exporter(with_gzip, transport_, transport_);
  Batch batch;
  batch.records.push_back(make_record("first"));
  exporter.add(std::move(batch));

  exporter.poll(settled_);

  ASSERT_EQ(transport_.request_count(), 1U);
  EXPECT_TRUE(transport_.requests()[0].is_gzip);
  std::string expected;
  header_.append_to(expected, 5);
  EXPECT_EQ(gunzip(transport_.requests()[0].body), expected + "first");
}

TEST_F(ExporterTest, BodiesThatNoRequestNeededBetweenTwoTrimsAreFreed) {
  ExporterOptions with_gzip = options();
  with_gzip.compression = Compression::gzip;
  Exporter exporter(with_gzip, transport_, transport_);
  Batch batch;
  batch.records.push_back(make_record(std::string(300'000, 'r')));
  exporter.add(std::move(batch));
  exporter.poll(settled_);
  transport_.answer(FakeTransport::status(200));
  exporter.poll(settled_);

  exporter.trim();
  EXPECT_TRUE(exporter.has_spare_memory());  // a request was made since the last one
  exporter.trim();

  EXPECT_FALSE(exporter.has_spare_memory());
}

TEST_F(ExporterTest, RoutesFailAndHoldIndependently) {
  add({"span"});
  add({"{}"}, 1, Route::scores);
  poll();
  EXPECT_EQ(transport_.request_count(), 2U);

  answer(403, Route::scores);
  answer(200, Route::spans);
  add({"span 2"});
  poll();
  answer(200, Route::spans);

  EXPECT_EQ(delivered(), 2U);
  EXPECT_EQ(exporter_.unsettled(1), 1U);
  EXPECT_EQ(time_to_next(), seconds(60));
  EXPECT_THAT(said_,
              ElementsAre(StartsWith("https://scores.test/api/public/ingestion (status 403)")));
  pass_until_due();
  answer(200, Route::scores);
  EXPECT_EQ(delivered(), 3U);
}

TEST_F(ExporterTest, AbandonDropsAllThatIsNotAnswered) {
  add({"a", "b"});
  add({"c"});
  add({"{}"}, 1, Route::scores);
  poll();

  exporter_.abandon(settled_);

  check_the_law();
  EXPECT_EQ(dropped(DropReason::at_shutdown), 4U);
  EXPECT_EQ(exporter_.unsettled(1), 0U);
  EXPECT_EQ(exporter_.due(), SteadyTime::max());
  EXPECT_EQ(transport_.cancellations(), 1);
  EXPECT_FALSE(transport_.is_in_flight(Route::spans));
}

TEST_F(ExporterTest, AbandonCountsAnAnswerThatIsAlreadyThere) {
  add({"a", "b"});
  add({"c"});
  poll();
  transport_.answer(FakeTransport::status(200));

  exporter_.abandon(settled_);

  EXPECT_EQ(delivered(), 2U);
  EXPECT_EQ(dropped(DropReason::at_shutdown), 1U);
}

TEST_F(ExporterTest, ItsEndCancelsWhatIsInFlight) {
  {
    Exporter exporter(options(), transport_, transport_);
    Batch batch;
    batch.records.push_back(make_record("a"));
    exporter.add(std::move(batch));
    exporter.poll(settled_);
    ASSERT_TRUE(transport_.is_in_flight(Route::spans));
  }

  EXPECT_FALSE(transport_.is_in_flight(Route::spans));
}

TEST_F(ExporterTest, EachRequestIsDescribedInDebugMode) {
  DiagnosticsOptions diagnostics;
  diagnostics.debug = true;
  configure_diagnostics(std::move(diagnostics));
  ::testing::internal::CaptureStderr();
  add({"a"});
  poll();
  HttpReply reply = FakeTransport::status(200);
  reply.duration = std::chrono::microseconds(12'345);

  answer(reply);

  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "langfuse: debug: POST https://traces.test/v1: status 200, " +
                std::to_string(transport_.requests()[0].body.size()) + " bytes sent, 12.3 ms\n");
}

}  // namespace
}  // namespace langfuse::internal
