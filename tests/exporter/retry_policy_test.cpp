#include "exporter/retry_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace langfuse::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

HttpReply reply_with(int status, const char* content_type = "application/json") {
  HttpReply reply;
  reply.status = status;
  reply.content_type = content_type;
  return reply;
}

Verdict expected_verdict(int status) {
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 405:
    case 407:
      return Verdict::hold;
    case 408:
    case 425:
      return Verdict::retry;
    case 413:
      return Verdict::split;
    case 429:
    case 503:
      return Verdict::throttle;
    default:
      break;
  }
  if (status < 200) return Verdict::retry;
  if (status < 300) return Verdict::delivered;
  if (status < 400) return Verdict::hold;
  return status < 500 ? Verdict::drop : Verdict::retry;
}

TEST(RetryPolicy, EveryStatusHasItsVerdict) {
  for (int status = 100; status < 600; ++status) {
    EXPECT_EQ(classify(reply_with(status)), expected_verdict(status)) << status;
  }
}

TEST(RetryPolicy, WhatIsNoStatusIsTriedAgain) {
  EXPECT_EQ(classify(reply_with(0)), Verdict::retry);
  EXPECT_EQ(classify(reply_with(999)), Verdict::retry);
}

TEST(RetryPolicy, AnErrorIsTriedAgainWhateverElseIsKnown) {
  HttpReply reply = reply_with(400);
  reply.error = "connection reset";

  EXPECT_EQ(classify(reply), Verdict::retry);
}

TEST(RetryPolicy, OnlyWhatCanBeAnAnswerToRecordsIsADelivery) {
  struct Case {
    const char* content_type;
    const char* body;
    Verdict verdict;
  };
  for (const Case& test :
       {Case{"", "", Verdict::delivered}, Case{"text/html", "", Verdict::delivered},
        Case{"application/json", "{}", Verdict::delivered},
        Case{"text/plain", " \r\n\t{\"a\":1}", Verdict::delivered},
        Case{"", "{ not quite", Verdict::delivered},
        Case{"application/x-protobuf", "\x0a\x02\x08\x01", Verdict::delivered},
        Case{"Application/PROTOBUF; v=1", "x", Verdict::delivered},
        Case{"application/vnd.google.protobuf", "x", Verdict::delivered},
        Case{"text/html", "<html>", Verdict::hold},
        Case{"Text/HTML; charset=utf-8", "\n<!doctype html>", Verdict::hold},
        Case{"application/json", "<html>", Verdict::hold},
        Case{"application/octet-stream", "<html>", Verdict::hold},
        Case{"", "<html>", Verdict::hold}, Case{"text/plain", "OK", Verdict::hold},
        Case{"application/json", "[]", Verdict::hold},
        Case{"application/json", "null", Verdict::hold},
        Case{"text/plain; a=protobuf", "OK", Verdict::hold}, Case{"", "\n", Verdict::hold}}) {
    for (const int status : {200, 201, 202, 207, 299}) {
      HttpReply reply = reply_with(status, test.content_type);
      reply.body = test.body;

      EXPECT_EQ(classify(reply), test.verdict) << status << test.content_type << test.body;
    }
  }
  HttpReply failure = reply_with(502, "text/html");
  failure.body = "<html>";
  EXPECT_EQ(classify(failure), Verdict::retry);
}

// The longest of many waits, and the shortest.
template <class Wait>
std::pair<nanoseconds, nanoseconds> extremes(Wait wait) {
  std::vector<nanoseconds> waits;
  for (int i = 0; i < 2000; ++i) waits.push_back(wait());
  const auto [least, most] = std::minmax_element(waits.begin(), waits.end());
  return {*least, *most};
}

TEST(RetryPolicy, BackOffFillsTheSpaceBelowACeilingThatDoublesUpToHalfAMinute) {
  RetryPolicy policy(1);
  const std::vector<std::pair<int, nanoseconds>> ceilings = {
      {1, milliseconds(500)}, {2, seconds(1)},  {3, seconds(2)},  {4, seconds(4)},
      {6, seconds(16)},       {7, seconds(30)}, {8, seconds(30)}, {1000, seconds(30)}};
  for (const auto& [failures, ceiling] : ceilings) {
    const auto [least, most] =
        extremes([&policy, count = failures] { return policy.back_off(count); });

    EXPECT_GE(least, nanoseconds(0)) << failures;
    EXPECT_LT(least, ceiling / 20) << failures;
    EXPECT_GT(most, ceiling * 19 / 20) << failures;
    EXPECT_LT(most, ceiling) << failures;
  }
}

TEST(RetryPolicy, ThrottleWaitsAtLeastHalfOfTheCeilingAndASecond) {
  RetryPolicy policy(1);
  const std::vector<std::pair<int, nanoseconds>> ceilings = {
      {4, seconds(4)}, {6, seconds(16)}, {8, seconds(30)}};
  for (const auto& [failures, ceiling] : ceilings) {
    const auto [least, most] =
        extremes([&policy, count = failures] { return policy.throttle(count); });

    EXPECT_GE(least, ceiling / 2) << failures;
    EXPECT_GT(most, ceiling * 19 / 20) << failures;
    EXPECT_LT(most, ceiling) << failures;
  }
  EXPECT_EQ(extremes([&policy] { return policy.throttle(1); }),
            std::make_pair(nanoseconds(seconds(1)), nanoseconds(seconds(1))));
}

TEST(RetryPolicy, TheServersTimeIsKeptButNotForever) {
  RetryPolicy policy(1);

  const auto [least, most] = extremes([&policy] { return policy.requested(10); });

  EXPECT_GE(least, seconds(10));
  EXPECT_GT(most, milliseconds(11'900));
  EXPECT_LT(most, seconds(12));
  EXPECT_EQ(policy.requested(300), seconds(300));
  EXPECT_EQ(policy.requested(999'999'999), seconds(300));
  EXPECT_EQ(policy.requested(-5), seconds(0));
}

TEST(RetryPolicy, RefusedKeysAreProbedMoreAndMoreSeldom) {
  const std::vector<std::pair<int, int>> waits = {{1, 330},  {2, 660},  {3, 1320},   {4, 2640},
                                                  {5, 3600}, {6, 3600}, {1000, 3600}};
  for (const auto& [times, wait] : waits) {
    EXPECT_EQ(RetryPolicy::hold(401, times), seconds(wait)) << times;
  }
}

TEST(RetryPolicy, OtherHoldsAreProbedEveryMinute) {
  for (const int status : {200, 301, 308, 403, 404, 405, 407}) {
    EXPECT_EQ(RetryPolicy::hold(status, 1), seconds(60)) << status;
    EXPECT_EQ(RetryPolicy::hold(status, 9), seconds(60)) << status;
  }
}

TEST(RetryPolicy, TheSameSeedGivesTheSameWaits) {
  RetryPolicy one(7);
  RetryPolicy same(7);
  RetryPolicy other(8);

  const nanoseconds wait = one.back_off(7);

  EXPECT_EQ(same.back_off(7), wait);
  EXPECT_NE(other.back_off(7), wait);
}

}  // namespace
}  // namespace langfuse::internal
