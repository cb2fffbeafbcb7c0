#include "tracing/bytes/w3c_text.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse::internal {
namespace {

constexpr std::string_view example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string parsed(std::string_view text) {
  const SpanContext span = parse_traceparent(text);
  if (!span.is_valid()) return "invalid";
  return std::string(span.trace_id.hex()) + " " + std::string(span.span_id.hex());
}

TEST(TraceParentText, IsReadAndWritten) {
  char text[traceparent_size + 1] = {};

  write_traceparent(parse_traceparent(example), true, text);
  EXPECT_EQ(text, example);
  write_traceparent(parse_traceparent(example), false, text);
  EXPECT_EQ(text, std::string(example.substr(0, 53)) + "00");
}

TEST(TraceParentText, IsReadAsFarAsItIsKnown) {
  const std::string ids = "4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7";
  const std::string middle = "-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";

  EXPECT_EQ(parsed("00" + middle + "00"), ids);
  EXPECT_EQ(parsed("00" + middle + "ff"), ids);
  EXPECT_EQ(parsed(" \t00" + middle + "01 "), ids);
  EXPECT_EQ(parsed("cc" + middle + "01"), ids);
  EXPECT_EQ(parsed("cc" + middle + "01-what the future brings"), ids);
}

TEST(TraceParentText, IsRefusedWhenItIsNotOne) {
  const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string span_id = "00f067aa0ba902b7";
  for (const std::string& text :
       {std::string(), std::string("00"), "ff-" + trace_id + "-" + span_id + "-01",
        "00-" + trace_id + "-" + span_id + "-01-more", "cc-" + trace_id + "-" + span_id + "-01.",
        "00-" + std::string(32, '0') + "-" + span_id + "-01",
        "00-" + trace_id + "-" + std::string(16, '0') + "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + span_id + "-01",
        "00-" + trace_id + "-" + span_id + "-0x", "0g-" + trace_id + "-" + span_id + "-01",
        "00_" + trace_id + "-" + span_id + "-01", "00-" + trace_id + "_" + span_id + "-01",
        "00-" + trace_id + "-" + span_id + "_01", "00-" + trace_id + "-" + span_id + "-1",
        std::string(100'000, '-'), std::string(55, '\0')}) {
    EXPECT_EQ(parsed(text), "invalid") << text.substr(0, 80);
  }
}

std::string members(std::string_view header) {
  std::string text;
  BaggageReader reader(header);
  for (std::string_view key, value; reader.next(key, value);) {
    text += std::string(key) + " -> " + decode_baggage_value(value) + "\n";
  }
  return text;
}

TEST(BaggageText, IsReadMemberByMember) {
  EXPECT_EQ(members("a=1, b = two ;property=x;flag,c=%C3%A4%2C%20%25,d="),
            "a -> 1\nb -> two\nc -> \xC3\xA4, %\nd -> \n");
}

TEST(BaggageText, LosesOnlyWhatIsMalformed) {
  EXPECT_EQ(members(",,=x,no equals,a b=1,k\xFF=2,ok=50%,odd=%zz%4,a==b,"),
            "ok -> 50%\nodd -> %zz%4\na -> =b\n");
  EXPECT_EQ(members(""), "");
  EXPECT_EQ(members(std::string(5, ',')), "");
}

TEST(BaggageText, IsReadUpToItsLimit) {
  const std::string header = "a=" + std::string(largest_baggage, 'x') + ",b=2";

  EXPECT_EQ(members(header), "a -> " + std::string(largest_baggage - 2, 'x') + "\n");
}

TEST(BaggageText, ComesBackAsItWasWhateverItHolds) {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  std::string member = "k=";

  append_baggage_value(member, text);

  for (const char c : std::string_view(" \",;\\\x7F\x80\n")) {
    EXPECT_EQ(member.find(c), std::string::npos);
  }
  EXPECT_EQ(members(member), "k -> " + text + "\n");
}

}  // namespace
}  // namespace langfuse::internal
