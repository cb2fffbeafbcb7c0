#include "receiver/http/http_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using langfuse_receiver::chunk_of;
using langfuse_receiver::Framing;
using langfuse_receiver::head_of;
using langfuse_receiver::HttpResponse;
using langfuse_receiver::parse_target;
using langfuse_receiver::Target;

TEST(HttpText, PathsAreDecodedOnce) {
  for (const auto& [target, path] : std::vector<std::pair<std::string, std::string>>{
           {"/", "/"},
           {"/a%20b+c", "/a b+c"},
           {"/%2e%2E/%252e", "/../%2e"},
           {"/%zz%4", "/%zz%4"},
           {"/a?b/c", "/a"},
           {"/a#b?c", "/a"},
           {"http://127.0.0.1:3000/a?b=c", "/a"},
           {"http://127.0.0.1:3000", "/"},
           {"/a?to=http://host/b", "/a"},
           {"*", "*"},
       }) {
    EXPECT_EQ(parse_target(target).path, path) << target;
  }
  EXPECT_EQ(parse_target("/a%00b").path, std::string("/a\0b", 4));
}

TEST(HttpText, QueriesAreSplitBeforeTheyAreDecoded) {
  const Target target = parse_target("/?a=1+2&b=%26%3D&c&=d&&a=x=y#z");

  const std::multimap<std::string, std::string> expected{
      {"a", "1 2"}, {"a", "x=y"}, {"b", "&="}, {"c", ""}, {"", "d"}};
  EXPECT_EQ(target.query, expected);
}

TEST(HttpText, AHeadSaysHowTheBodyEnds) {
  const HttpResponse response{404, "gone", "text/plain", {{"Retry-After", "2"}}};

  EXPECT_EQ(head_of(response, Framing::length, true),
            "HTTP/1.1 404 Not Found\r\nRetry-After: 2\r\nContent-Type: text/plain\r\n"
            "Content-Length: 4\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(head_of({200, {}, {}, {}}, Framing::chunks, true),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(head_of({200, {}, {}, {}}, Framing::end_of_connection, false),
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

TEST(HttpText, AHeaderThatWouldBeTwoIsLeftOut) {
  const HttpResponse response{308, {}, {}, {{"Location", "/a\r\nSet-Cookie: b"}, {"A", "b\tc"}}};

  EXPECT_EQ(head_of(response, Framing::length, true),
            "HTTP/1.1 308 Permanent Redirect\r\nA: b\tc\r\nContent-Length: 0\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(HttpText, ChunksHaveTheirLengthInHexadecimal) {
  EXPECT_EQ(chunk_of("abc"), "3\r\nabc\r\n");
  EXPECT_EQ(chunk_of(std::string(26, 'x')), "1a\r\n" + std::string(26, 'x') + "\r\n");
}

}  // namespace
