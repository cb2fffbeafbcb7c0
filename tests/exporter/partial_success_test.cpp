#include "exporter/partial_success.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "tests/exporter/exporter_fixture.h"

namespace langfuse::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using namespace std::string_literals;

HttpReply protobuf(std::string body) {
  HttpReply reply = FakeTransport::status(200, std::move(body));
  reply.content_type = "application/x-protobuf";
  return reply;
}

TEST(PartialSuccess, IsReadFromJsonAndFromProtobuf) {
  struct Case {
    HttpReply reply;
    std::uint64_t rejected;
    std::string words;
  };
  for (const Case& test :
       {Case{FakeTransport::status(200, "{}"), 0, ""}, Case{FakeTransport::status(200, ""), 0, ""},
        Case{FakeTransport::status(200, R"({"partialSuccess":{}})"), 0, ""},
        Case{FakeTransport::status(200, R"({"partialSuccess":null})"), 0, ""},
        Case{FakeTransport::status(
                 200, R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})"),
             2, "too old"},
        Case{FakeTransport::status(200, R"({"partialSuccess":{"rejectedSpans":3}})"), 3, ""},
        Case{FakeTransport::status(
                 200, R"( {"x":[1],"partial_success":{"error_message":"m","rejected_spans":4}})"),
             4, "m"},
        Case{FakeTransport::status(200, R"({"partialSuccess":{"errorMessage":"careful"}})"), 0,
             "careful"},
        Case{FakeTransport::status(200, R"({"partialSuccess":{"rejectedSpans":-1}})"), 0, ""},
        Case{FakeTransport::status(200, R"({"partialSuccess":{"rejectedSpans":"many"}})"), 0, ""},
        Case{FakeTransport::status(200, R"({"other":{"rejectedSpans":5}})"), 0, ""},
        // Breaks off behind the number.
        Case{FakeTransport::status(200, R"({"partialSuccess":{"rejectedSpans":6,"errorM)"), 6, ""},
        Case{protobuf(""), 0, ""}, Case{protobuf("\x0a\x00"s), 0, ""},
        Case{protobuf("\x0a\x0b\x08\x01\x12\x07too old"s), 1, "too old"},
        Case{protobuf("\x0a\x03\x08\xac\x02"s), 300, ""},
        Case{protobuf("\x0a\x09\x12\x07"
                      "careful"s),
             0, "careful"},
        // Fields that came later: a varint, a fixed64, bytes, a fixed32, outside and inside.
        Case{protobuf("\x18\x05\x21"
                      "12345678"
                      "\x0a\x0b\x2a\x01x\x35"
                      "1234"
                      "\x08\x02"s),
             2, ""},
        // -1, a group, and bytes that break off.
        Case{protobuf("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s), 0, ""},
        Case{protobuf("\x0b\x0c"s), 0, ""},
        Case{protobuf("\x0a\x7f\x08\x07\x12\x40to"s), 7, "to"}}) {
    const PartialSuccess partial = read_partial_success(test.reply);

    EXPECT_EQ(partial.rejected_spans, test.rejected) << test.reply.body;
    EXPECT_EQ(partial.words, test.words) << test.reply.body;
  }
}

TEST_F(ExporterTest, ACollectorsRejectedSpansAreDroppedWithItsWords) {
  const std::size_t footprint = make_record("a")->footprint();
  for (const HttpReply& reply :
       {protobuf("\x0a\x0b\x08\x02\x12\x07too old"s),
        FakeTransport::status(
            200, R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})")}) {
    settled_.clear();
    added_ = 0;
    said_.clear();
    add({"a", "b", "c"}, 4);
    poll();

    answer(reply);

    ASSERT_EQ(settled_.size(), 2u);
    EXPECT_EQ(delivered(), 1u);
    EXPECT_EQ(dropped(DropReason::rejected), 2u);
    EXPECT_EQ(settled_[0].footprint + settled_[1].footprint, 3 * footprint);
    EXPECT_EQ(settled_[1].epoch, 4u);
    EXPECT_EQ(settled_[1].status, 200);
    EXPECT_EQ(exporter_.unsettled(4), 0u);
    EXPECT_THAT(said_, ElementsAre("https://traces.test/v1 refused 2 records for good (status "
                                   "200): too old"));
    EXPECT_EQ(exporter_.last_trouble(), said_[0]);
  }
}

TEST_F(ExporterTest, NoMoreIsRejectedThanWasSent) {
  add({"a", "b"});
  poll();

  answer(FakeTransport::status(200, R"({"partialSuccess":{"rejectedSpans":99}})"));

  EXPECT_EQ(delivered(), 0u);
  EXPECT_EQ(dropped(DropReason::rejected), 2u);
  EXPECT_EQ(settled_.size(), 1u);
}

TEST_F(ExporterTest, APartialSuccessWithoutRejectionsIsAWarningSaidOnce) {
  const HttpReply warning =
      FakeTransport::status(200, R"({"partialSuccess":{"errorMessage":"attribute ignored"}})");
  for (const HttpReply& reply :
       {FakeTransport::status(200, R"({"partialSuccess":{}})"), warning, warning}) {
    add({"a"});
    poll();
    answer(reply);
  }

  EXPECT_EQ(delivered(), 3u);
  EXPECT_THAT(said_, ElementsAre("https://traces.test/v1 took the records with a warning: "
                                 "attribute ignored"));
  EXPECT_THAT(exporter_.last_trouble(), IsEmpty());
}

TEST_F(ExporterTest, AnAnswerThatIsNotLangfusesIsHeldAndQuoted) {
  add({"a"});
  poll();
  HttpReply page = FakeTransport::status(200, "<html>Please log in</html>");

  answer(page);

  EXPECT_EQ(exporter_.unsettled(1), 1u);
  EXPECT_EQ(time_to_next(), std::chrono::seconds(60));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("check LANGFUSE_BASE_URL: <html>Please log in</html>; "
                                           "1 record waits, next try in 60 s")));
}

}  // namespace
}  // namespace langfuse::internal
