#include "exporter/reply_body.h"

#include <gmock/gmock.h>

#include <string>

namespace langfuse::internal {

bool operator==(const EventReply& a, const EventReply& b) {
  return a.status == b.status && a.words == b.words;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ReplyBody, SaysWhatBecameOfEachEvent) {
  EXPECT_THAT(
      read_event_replies(
          R"({"successes":[{"id":"a","status":201},{"id":"b","status":201}],)"
          R"("errors":[{"id":"c","status":400,"message":"Invalid request data","error":"name: no"},)"
          R"({"id":"d","status":500,"message":"later"},{"id":"e","status":400,"error":"why"},)"
          R"({"id":"f","status":401}]})"),
      ElementsAre(Pair("a", EventReply{201, ""}), Pair("b", EventReply{201, ""}),
                  Pair("c", EventReply{400, "Invalid request data: name: no"}),
                  Pair("d", EventReply{500, "later"}), Pair("e", EventReply{400, "why"}),
                  Pair("f", EventReply{401, ""})));
}

// A server's text may be cut in the middle of a character, and what it says of the other events
// counts all the same.
TEST(ReplyBody, IsReadAsJavaScriptReadsIt) {
  EXPECT_THAT(
      read_event_replies("{\"successes\":[{\"id\":\"a\",\"status\":201,\"took\":1e999}],"
                         "\"errors\":[{\"id\":\"b\",\"status\":400,\"message\":\"cut \\ud83e\"},"
                         "{\"id\":\"c\",\"status\":400,\"message\":\"caf\xE9\"}]}"),
      ElementsAre(Pair("a", EventReply{201, ""}), Pair("b", EventReply{400, "cut \xEF\xBF\xBD"}),
                  Pair("c", EventReply{400, "caf\xEF\xBF\xBD"})));
}

TEST(ReplyBody, NamesNoEventWhenItCannotBeRead) {
  for (const char* body :
       {"", "Multi-Status", "{", "[]", "null", "{}", R"({"successes":{},"errors":5})",
        R"({"successes":[{"id":"a","status":201},{"id":"b","sta)",
        R"({"successes":[{"id":7,"status":201},{"status":201},{"id":"a"},{"id":"a","status":"ok"},)"
        R"("a",null]})"}) {
    EXPECT_THAT(read_event_replies(body), IsEmpty()) << body;
  }
}

TEST(ReplyBody, OnlyLangfuseNamesItsVersion) {
  const auto health = [](int status, const char* body) {
    HttpReply reply;
    reply.status = status;
    reply.body = body;
    return is_langfuse(reply);
  };

  EXPECT_TRUE(health(200, R"({"status":"OK","version":"4.16.0"})"));
  EXPECT_FALSE(health(200, R"({"status":"Server available"})"));
  EXPECT_FALSE(health(200, "OK"));
  EXPECT_FALSE(health(404, R"({"status":"OK","version":"4.16.0"})"));
}

}  // namespace
}  // namespace langfuse::internal
