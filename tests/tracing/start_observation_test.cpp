#include "langfuse/tracing/start_observation.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

#include "model/clock.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

constexpr std::int64_t start = 1'767'323'045'678'000'000;

TEST(StartObservation, IsNeverTheCurrentOne) {
  Capture capture;
  {
    auto detached = start_observation("detached");
    EXPECT_TRUE(detached.id().is_valid());
    EXPECT_FALSE(current_context().is_valid());
    auto root = observe("root");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_span_id, "");
  EXPECT_NE(spans[0].trace_id, spans[1].trace_id);
}

TEST(StartObservation, GoesBelowTheCurrentOne) {
  Capture capture;
  {
    auto root = observe("root");
    auto detached = start_observation("detached");
    auto sibling = observe("sibling");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].parent_span_id, spans[2].span_id);
  EXPECT_EQ(spans[1].parent_span_id, spans[2].span_id);
  EXPECT_EQ(spans[1].attribute("langfuse.internal.is_app_root"), "<absent>");
}

TEST(StartObservation, GoesBelowTheParentItIsGiven) {
  Capture capture;
  auto parent = start_observation("parent");
  {
    auto current = observe("not the parent");
    auto child = start_observation("child", ObservationOptions().set_parent(parent.context()));
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_span_id, parent.id().hex().c_str());
  EXPECT_EQ(spans[0].trace_id, parent.trace_id().hex().c_str());
}

TEST(StartObservation, BelowASpanContextIsAnAppRoot) {
  Capture capture;
  SpanContext parent;
  parent.trace_id = TraceId::from_hex("7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  parent.span_id = SpanId::from_hex("a1b2c3d4e5f60718");
  { auto remote = start_observation("remote", ObservationOptions().set_parent(parent)); }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.trace_id, "7d1f0c52a9be4e0d8a36c1f2b4e5d607");
  EXPECT_EQ(span.parent_span_id, "a1b2c3d4e5f60718");
  EXPECT_EQ(span.attribute("langfuse.internal.is_app_root"), "true");
}

TEST(StartObservation, ThatIsARootHasNoParentWhateverIsCurrent) {
  Capture capture;
  auto outer = observe("outer");
  { auto root = start_observation("root", ObservationOptions().set_root()); }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.parent_span_id, "");
  EXPECT_NE(span.trace_id, outer.trace_id().hex().c_str());
}

TEST(StartObservation, BeginsTheTraceOfAChosenId) {
  Capture capture;
  const TraceId id = create_trace_id("order-4711");
  { auto root = start_observation("root", ObservationOptions().set_trace_id(id)); }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.trace_id, "173d0ddbff034193face7ce60d3f58b4");
  EXPECT_EQ(span.parent_span_id, "");
  EXPECT_EQ(span.attribute("langfuse.internal.is_app_root"), "true");
}

TEST(StartObservation, OfAChosenIdFollowsTheSampleOfThatId) {
  Settings settings = capture_settings();
  settings.sample_rate = 0.9797;  // the id is kept from 0.97971 on
  Capture capture(settings);

  const auto root =
      start_observation("root", ObservationOptions().set_trace_id(create_trace_id("order-4711")));

  EXPECT_FALSE(root.context().is_sampled);
}

TEST(StartObservation, BeginsAndEndsWhenItIsTold) {
  Capture capture;
  auto observation = start_observation("told", ObservationOptions().set_start_time(start));
  observation.end(start + 5'000'000);

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.start_unix_nano, static_cast<std::uint64_t>(start));
  EXPECT_EQ(span.end_unix_nano, static_cast<std::uint64_t>(start + 5'000'000));
}

TEST(StartObservation, TakesTimePointsOfTheSystemClock) {
  Capture capture;
  const auto begin = std::chrono::system_clock::now() - std::chrono::minutes(1);
  auto observation = start_observation("told", ObservationOptions().set_start_time(begin));
  observation.end(begin + std::chrono::seconds(2));

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.end_unix_nano - span.start_unix_nano, 2'000'000'000u);
}

TEST(StartObservation, ThatBeganEarlierLastsUntilNow) {
  Capture capture;
  const std::int64_t earlier = wall_now_ns() - 60'000'000'000;
  { auto observation = start_observation("earlier", ObservationOptions().set_start_time(earlier)); }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.start_unix_nano, static_cast<std::uint64_t>(earlier));
  EXPECT_GE(span.end_unix_nano - span.start_unix_nano, 60'000'000'000u);
  EXPECT_LT(span.end_unix_nano - span.start_unix_nano, 120'000'000'000u);
}

TEST(StartObservation, ThatBeginsInTheFutureNeverEndsBeforeIt) {
  Capture capture;
  constexpr std::int64_t future = std::numeric_limits<std::int64_t>::max();
  { auto observation = start_observation("future", ObservationOptions().set_start_time(future)); }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.start_unix_nano, static_cast<std::uint64_t>(future));
  EXPECT_EQ(span.end_unix_nano, static_cast<std::uint64_t>(future));
}

TEST(StartObservation, AtTheEpochOrBeforeBeginsNow) {
  Capture capture;
  const std::int64_t before = wall_now_ns();
  for (const std::int64_t time : {std::int64_t{0}, std::numeric_limits<std::int64_t>::min()}) {
    auto observation = start_observation("now", ObservationOptions().set_start_time(time));
  }

  for (const DecodedSpan& span : capture.spans()) {
    EXPECT_GE(span.start_unix_nano, static_cast<std::uint64_t>(before));
  }
}

TEST(Observation, ThatIsToldToEndBeforeItBeganHasNoDuration) {
  Capture capture;
  for (const std::int64_t end : {start - 1, std::int64_t{0}, std::int64_t{-1}}) {
    auto observation = start_observation("short", ObservationOptions().set_start_time(start));
    observation.end(end);
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  for (const DecodedSpan& span : spans) EXPECT_EQ(span.end_unix_nano, span.start_unix_nano);
}

TEST(Observation, OfTypeEventEndsWhereItStartsWhateverItIsTold) {
  Capture capture;
  auto event = start_observation(
      "event", ObservationOptions().set_type(ObservationType::event).set_start_time(start));
  event.end(start + 1000);

  EXPECT_EQ(capture.only_span().end_unix_nano, static_cast<std::uint64_t>(start));
}

TEST(Observe, WithOptionsIsTheCurrentOne) {
  Capture capture;
  auto observation =
      observe("told", ObservationOptions().set_type(ObservationType::agent).set_start_time(start));
  EXPECT_EQ(current_context().span.span_id, observation.id());
  observation.end(start + 1);

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.type"), "agent");
  EXPECT_EQ(span.start_unix_nano, static_cast<std::uint64_t>(start));
}

TEST(StartObservation, DoesNothingWhenNothingIsConfigured) {
  Client::forget();
  auto observation = start_observation("nothing", ObservationOptions().set_start_time(start));
  observation.set_input("lost").on_token("lost");
  observation.end(start);

  EXPECT_FALSE(observation.id().is_valid());
  EXPECT_FALSE(create_event("nothing").is_valid());
}

TEST(FlushOnEnd, SendsTheBatchWhenTheObservationEnds) {
  Capture capture;
  {
    auto observation =
        start_observation("waits", ObservationOptions().set_flush_on_end(FlushOnEnd::wait));
  }

  EXPECT_EQ(capture.client().stats().delivered, 1u);
  EXPECT_EQ(capture.client().stats().queued, 0u);
}

TEST(FlushOnEnd, ThatOnlyWakesDoesNotWait) {
  Capture capture;
  {
    auto observation =
        start_observation("wakes", ObservationOptions().set_flush_on_end(FlushOnEnd::wake));
  }

  // Without a flush it would wait for an interval of an hour.
  while (capture.client().stats().delivered == 0) std::this_thread::yield();
  EXPECT_EQ(capture.client().stats().delivered, 1u);
}

TEST(FlushOnEnd, IsNotInheritedByTheNextObservation) {
  Capture capture;
  {
    auto first =
        start_observation("first", ObservationOptions().set_flush_on_end(FlushOnEnd::wait));
  }
  { auto second = observe("second"); }

  EXPECT_EQ(capture.client().stats().queued, 1u);
}

TEST(CreateEvent, IsCompleteAtOnce) {
  Capture capture;
  auto outer = observe("outer");
  const SpanContext event = create_event("cache.miss", [](Observation& observation) {
    observation.set_input("key").set_level(Level::warning);
  });
  EXPECT_EQ(current_context().span.span_id, outer.id());

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.span_id, event.span_id.hex().c_str());
  EXPECT_EQ(span.parent_span_id, outer.id().hex().c_str());
  EXPECT_EQ(span.start_unix_nano, span.end_unix_nano);
  EXPECT_EQ(attributes_text(span),
            "  langfuse.observation.type = \"event\"\n"
            "  langfuse.observation.level = \"WARNING\"\n"
            "  langfuse.observation.input = \"key\"\n"
            "  status 0 \"\"\n");
}

TEST(CreateEvent, NeedsNothingButAName) {
  Capture capture;
  EXPECT_TRUE(create_event("tick").is_valid());

  EXPECT_EQ(capture.only_span().name, "tick");
}

}  // namespace
}  // namespace langfuse::internal
