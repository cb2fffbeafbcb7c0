#include "exporter/exporter.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "model/diagnostics.h"
#include "model/span_encoder.h"
#include "tests/support/fake_transport.h"
#include "tests/support/gunzip.h"
#include "tests/support/otlp_text.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ExporterTest : public ::testing::Test {
 protected:
  ExporterTest() {
    DiagnosticsOptions diagnostics;
    diagnostics.on_error = [this](const Diagnostic& diagnostic) {
      said_.emplace_back(diagnostic.message);
    };
    configure_diagnostics(std::move(diagnostics));
  }
  ~ExporterTest() override { configure_diagnostics({}); }

  static ExporterOptions options() {
    ExporterOptions options;
    options.resource = {{"service.name", "test"}};
    options.public_key = "pk-lf-1";
    options.traces_url = "https://traces.test/v1";
    options.scores_url = "https://scores.test";
    options.compression = Compression::none;
    options.random_seed = 1;
    return options;
  }

  // Adds one batch with a record for each text.
  void add(const std::vector<std::string>& texts, std::uint64_t epoch = 1,
           Route route = Route::spans) {
    Batch batch;
    batch.route = route;
    batch.epoch = epoch;
    for (const std::string& text : texts) {
      batch.records.push_back(
          make_record(text, route == Route::spans ? RecordKind::span : RecordKind::score));
      batch.bytes += text.size();
    }
    added_ += texts.size();
    exporter_.add(std::move(batch));
  }

  // Polls, and checks the law: every record that came in is delivered, dropped or unsettled.
  void poll() {
    exporter_.poll(settled_);
    check_the_law();
  }
  void check_the_law() {
    EXPECT_EQ(added_, delivered() + dropped() + exporter_.unsettled(~std::uint64_t{0}));
  }
  void answer(HttpReply reply, Route route = Route::spans) {
    transport_.answer(std::move(reply), route);
    poll();
  }
  void answer(int status, Route route = Route::spans) {
    answer(FakeTransport::status(status), route);
  }
  void pass(std::chrono::nanoseconds time) {
    transport_.advance(time);
    poll();
  }
  // Lets the time pass until the exporter has something to do.
  void pass_until_due() {
    ASSERT_NE(exporter_.due(), SteadyTime::max());
    if (exporter_.due() > transport_.now()) transport_.advance(exporter_.due() - transport_.now());
    poll();
  }

  std::uint64_t delivered() const {
    std::uint64_t records = 0;
    for (const Settlement& settlement : settled_) {
      if (settlement.is_delivered) records += settlement.records;
    }
    return records;
  }
  std::uint64_t dropped() const {
    std::uint64_t records = 0;
    for (const Settlement& settlement : settled_) {
      if (!settlement.is_delivered) records += settlement.records;
    }
    return records;
  }
  std::uint64_t dropped(DropReason reason) const {
    std::uint64_t records = 0;
    for (const Settlement& settlement : settled_) {
      if (!settlement.is_delivered && settlement.reason == reason) records += settlement.records;
    }
    return records;
  }
  std::chrono::nanoseconds time_to_next() const { return exporter_.due() - transport_.now(); }
  // What the `index`-th request carried behind the header of the batch.
  std::string sent(std::size_t index) const {
    std::string header;
    const std::string body = transport_.requests().at(index).body;
    for (std::size_t size = 0; size <= body.size(); ++size) {
      header.clear();
      header_.append_to(header, size);
      if (header.size() + size == body.size()) {
        EXPECT_EQ(body.substr(0, header.size()), header);
        return body.substr(header.size());
      }
    }
    ADD_FAILURE() << "no header";
    return {};
  }

  const OtlpBatchHeader header_{{{"service.name", "test"}}, "0.1.0", "pk-lf-1"};
  FakeTransport transport_;
  Exporter exporter_{options(), transport_, transport_};
  std::vector<Settlement> settled_;
  std::uint64_t added_ = 0;
  std::vector<std::string> said_;
};

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
  EXPECT_EQ(exporter_.requests(), 1U);
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
  EXPECT_EQ(exporter_.requests(), 3U);
}

TEST_F(ExporterTest, NothingIsDueWithoutBatchesOrWhileOneIsInFlight) {
  EXPECT_EQ(exporter_.due(), SteadyTime::max());
  add({"a"});
  EXPECT_LE(exporter_.due(), transport_.now());
  poll();
  EXPECT_EQ(exporter_.due(), SteadyTime::max());
}

TEST_F(ExporterTest, EveryStatusSettlesAsItsVerdictSays) {
  for (int status = 200; status < 600; ++status) {
    FakeTransport transport;
    Exporter exporter(options(), transport, transport);
    Batch batch;
    batch.records.push_back(make_record("x"));
    batch.bytes = 1;
    std::vector<Settlement> settled;
    exporter.add(std::move(batch));
    exporter.poll(settled);
    transport.answer(FakeTransport::status(status));

    exporter.poll(settled);

    const Verdict verdict = classify(FakeTransport::status(status));
    const bool is_kept =
        verdict == Verdict::retry || verdict == Verdict::throttle || verdict == Verdict::hold;
    EXPECT_EQ(exporter.unsettled(0), is_kept ? 1U : 0U) << status;
    ASSERT_EQ(settled.size(), is_kept ? 0U : 1U) << status;
    if (is_kept) continue;
    EXPECT_EQ(settled[0].is_delivered, verdict == Verdict::delivered) << status;
    if (verdict == Verdict::split) {
      EXPECT_EQ(settled[0].reason, DropReason::too_large);
    } else if (verdict == Verdict::drop) {
      EXPECT_EQ(settled[0].reason, DropReason::rejected);
    }
  }
}

TEST_F(ExporterTest, AfterAFailureTheSameBatchGoesFirstAndUnchanged) {
  add({"a", "b"});
  add({"c"});
  poll();

  answer(FakeTransport::failure("connection refused"));
  pass_until_due();
  answer(503);
  pass_until_due();
  answer(200);
  answer(200);

  ASSERT_EQ(transport_.request_count(), 4U);
  EXPECT_EQ(transport_.requests()[0].body, transport_.requests()[1].body);
  EXPECT_EQ(transport_.requests()[0].body, transport_.requests()[2].body);
  EXPECT_EQ(sent(3), "c");
  EXPECT_EQ(delivered(), 3U);
  EXPECT_EQ(exporter_.requests(), 4U);
}

TEST_F(ExporterTest, NothingIsSentBeforeTheBackOffIsOver) {
  add({"a"});
  poll();
  answer(503);
  ASSERT_EQ(time_to_next(), seconds(1));  // a first throttle is its least

  pass(milliseconds(999));
  EXPECT_EQ(transport_.request_count(), 1U);
  pass(milliseconds(1));
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(ExporterTest, BackOffGrowsUntilThreeSuccessesInARow) {
  const auto longest_wait_after_failure = [this] {
    // Throttling waits at least half of its ceiling, so one wait tells the ceiling.
    answer(429);
    return time_to_next();
  };
  add({"a"});
  poll();
  for (int i = 0; i < 5; ++i) {
    longest_wait_after_failure();
    pass_until_due();
  }
  EXPECT_GE(longest_wait_after_failure(), seconds(8));

  for (int i = 0; i < 2; ++i) {
    pass_until_due();
    answer(200);
    add({"b"});
  }
  poll();
  EXPECT_GE(longest_wait_after_failure(), seconds(15));
  for (int i = 0; i < 3; ++i) {
    pass_until_due();
    answer(200);
    add({"c"});
  }
  poll();
  EXPECT_EQ(longest_wait_after_failure(), seconds(1));
}

TEST_F(ExporterTest, TheServersWaitIsKeptEvenWhenSomeoneWaits) {
  add({"a"});
  poll();
  answer(FakeTransport::retry_after(429, 7));

  exporter_.probe();
  pass(milliseconds(6999));
  EXPECT_EQ(transport_.request_count(), 1U);
  pass(milliseconds(1401));  // a fifth of jitter
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(ExporterTest, AnAbsurdWaitOfTheServerIsCutToFiveMinutes) {
  add({"a"});
  poll();

  answer(FakeTransport::retry_after(503, 999'999'999));

  EXPECT_EQ(time_to_next(), seconds(300));
}

TEST_F(ExporterTest, RefusedKeysHoldTheRecordsAndAreNotProbed) {
  add({"a"});
  poll();
  for (const int wait : {330, 660, 1320, 2640, 3600, 3600}) {
    answer(401);
    EXPECT_EQ(time_to_next(), seconds(wait));
    exporter_.probe();
    pass(seconds(wait) - milliseconds(1));
    EXPECT_FALSE(transport_.is_in_flight(Route::spans));
    pass(milliseconds(1));
    EXPECT_TRUE(transport_.is_in_flight(Route::spans));
  }

  answer(200);
  EXPECT_EQ(delivered(), 1U);
  add({"b"});
  poll();
  answer(401);
  EXPECT_EQ(time_to_next(), seconds(330));
}

TEST_F(ExporterTest, OtherHoldsWaitAMinute) {
  add({"a"});
  poll();
  HttpReply web_page = FakeTransport::status(200);
  web_page.content_type = "text/html";
  for (const HttpReply& reply :
       {FakeTransport::status(403), FakeTransport::status(404), FakeTransport::status(405),
        FakeTransport::status(308), web_page}) {
    answer(reply);

    EXPECT_EQ(time_to_next(), seconds(60)) << reply.status;
    pass_until_due();
  }
  EXPECT_EQ(exporter_.unsettled(1), 1U);
}

TEST_F(ExporterTest, ProbeTriesAtOnceAndOnce) {
  add({"a"});
  poll();
  answer(404);
  poll();
  ASSERT_EQ(transport_.request_count(), 1U);

  exporter_.probe();
  EXPECT_LE(exporter_.due(), transport_.now());
  poll();
  EXPECT_EQ(transport_.request_count(), 2U);
  answer(404);
  poll();

  EXPECT_EQ(transport_.request_count(), 2U);
  EXPECT_EQ(time_to_next(), seconds(60));
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
  EncodedRecord span = encode_span(fields, 0, name.size() * 2, [](char* out) { return out; });
  Batch batch;
  batch.bytes = span.record->size;
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

TEST_F(ExporterTest, TroubleIsSaidOnceUntilItWorksAgain) {
  add({"a", "b"});
  add({"c"});
  poll();
  for (const char* const why : {"connection refused", "connection refused", "timed out"}) {
    answer(FakeTransport::failure(why));
    pass_until_due();
  }
  EXPECT_THAT(said_, ElementsAre("cannot reach https://traces.test/v1: connection refused; 3 "
                                 "records wait"));

  answer(200);
  answer(FakeTransport::failure("timed out"));

  EXPECT_THAT(said_, ElementsAre(HasSubstr("connection refused"),
                                 "cannot reach https://traces.test/v1: timed out; 1 record waits"));
}

TEST_F(ExporterTest, EachKindOfHoldIsSaidOnceWithWhatToDo) {
  HttpReply redirect = FakeTransport::status(301);
  redirect.location = "https://elsewhere.test";
  HttpReply web_page = FakeTransport::status(200);
  web_page.content_type = "text/html";
  add({"a"});
  poll();
  for (int round = 0; round < 2; ++round) {
    for (const HttpReply& reply :
         {FakeTransport::status(401), FakeTransport::status(403, "Ingestion suspended"),
          FakeTransport::status(404), redirect, web_page}) {
      answer(reply);
      pass_until_due();
    }
  }

  ASSERT_EQ(said_.size(), 5U);
  EXPECT_THAT(said_[0], HasSubstr("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"));
  EXPECT_THAT(said_[0], HasSubstr("https://hipaa.cloud.langfuse.com"));
  EXPECT_THAT(said_[0], HasSubstr("1 record waits, next try in 330 s"));
  EXPECT_THAT(said_[1], HasSubstr("Ingestion suspended"));
  EXPECT_THAT(said_[2], HasSubstr("(status 404) is not where Langfuse takes records: check "
                                  "LANGFUSE_BASE_URL"));
  EXPECT_THAT(said_[3], HasSubstr("redirects to https://elsewhere.test, which is never followed"));
  EXPECT_THAT(said_[4], HasSubstr("web page"));
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
