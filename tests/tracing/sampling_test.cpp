// Rate, sampler and `keep_on_error` decide about everything in a trace alike, however it gets
// there.
#include "tracing/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/score.h"
#include "langfuse/tracing/start_observation.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

// `0.5` in `sample_rate` keeps the first of these and not the second.
const TraceId kept_id = TraceId::from_hex("00000000000000000000000000000001");
const TraceId other_id = TraceId::from_hex("0000000000000001ffffffffffffffff");

Context remote(const TraceId& trace_id) {
  Context context;
  context.span = {trace_id, SpanId::from_hex("b2c3d4e5f6071829")};
  context.is_remote = true;
  return context;
}

void end(Observation observation) {
  observation.end();
}

void log_a_line(Severity severity = Severity::info) {
  LogLine line;
  line.severity = severity;
  submit(line);
}

void score(const TraceId& trace_id) {
  Score score("quality", 1);
  score.trace_id = trace_id;
  create_score(score);
}

// Everything that gets into a trace of which only the id is known. One record each.
const std::vector<std::pair<const char*, std::function<void(const TraceId&)>>> entries = {
    {"an observation below a span of another process",
     [](const TraceId& id) { end(observe("o", ObservationType::span, remote(id))); }},
    {"an observation in a context of another process",
     [](const TraceId& id) {
       const ContextScope scope(remote(id));
       const auto observation = observe("o");
     }},
    {"an observation that begins the trace",
     [](const TraceId& id) { end(start_observation("o", ObservationOptions().set_trace_id(id))); }},
    {"an event",
     [](const TraceId& id) {
       const ContextScope scope(remote(id));
       create_event("e");
     }},
    {"a line",
     [](const TraceId& id) {
       const ContextScope scope(remote(id));
       log_a_line();
     }},
    {"a line in a scope",
     [](const TraceId& id) {
       const ContextScope scope(remote(id));
       const auto who = propagate_attributes(PropagatedAttributes().set_user_id("u"));
       log_a_line();
     }},
    {"a line for a bound callable",
     [](const TraceId& id) {
       const ContextScope scope(remote(id));
       bind_context([] { log_a_line(); })();
     }},
    {"a score by id", [](const TraceId& id) { score(id); }},
    {"a score of the current trace",
     [](const TraceId& id) {
       const ContextScope scope(remote(id));
       score_current_trace("s", 1);
     }},
    {"a score of the current span", [](const TraceId& id) {
       const ContextScope scope(remote(id));
       score_current_span("s", 1);
     }}};

std::string flag_told_of(const TraceId& trace_id) {
  const std::string header = traceparent(remote(trace_id)).c_str();
  return header.substr(header.size() - 2);
}

// `is_kept`: what the settings say of the trace.
void expect_all_alike(const Settings& settings, const TraceId& trace_id, bool is_kept) {
  for (const auto& [name, enter] : entries) {
    SCOPED_TRACE(name);
    Capture capture(settings);

    enter(trace_id);

    EXPECT_EQ(capture.client().stats().submitted, is_kept ? 1u : 0u);
    EXPECT_EQ(capture.client().stats().sampled_out, is_kept ? 0u : 1u);
    EXPECT_EQ(flag_told_of(trace_id), is_kept ? "01" : "00");
  }
}

TEST(Sampling, ByRateReadsTheLowHalfOfTheTraceId) {
  const TraceId id = TraceId::from_hex("173d0ddbff034193face7ce60d3f58b4");
  const TraceId last = TraceId::from_hex("0000000000000001ffffffffffffffff");
  const double almost_one = std::nextafter(1.0, 0.0);
  struct Case {
    double rate;
    TraceId id;
    bool is_kept;
  };
  for (const Case& test :
       {Case{0.0, id, false}, Case{0.5, id, false}, Case{0.9797, id, false}, Case{0.9798, id, true},
        Case{1.0, id, true}, Case{almost_one, last, false}, Case{1.0, last, true}}) {
    EXPECT_EQ(is_sampled_by_rate(test.rate, test.id), test.is_kept) << test.rate;
  }
}

TEST(Sampling, FollowsTheRateEverywhere) {
  Settings settings = capture_settings();
  settings.sample_rate = 0.5;
  expect_all_alike(settings, kept_id, true);
  expect_all_alike(settings, other_id, false);
}

TEST(Sampling, FollowsTheSamplerEverywhere) {
  for (const double rate : {0.0, 0.5, 1.0}) {
    SCOPED_TRACE(rate);
    Settings settings = capture_settings();
    settings.sample_rate = rate;
    settings.sampler = [](const SamplingInput& input) { return input.trace_id == other_id; };
    expect_all_alike(settings, kept_id, false);
    expect_all_alike(settings, other_id, true);
  }
}

TEST(Sampling, FollowsTheRateEverywhereWhenTheSamplerThrows) {
  Settings settings = capture_settings();
  settings.sample_rate = 0.5;
  settings.sampler = [](const SamplingInput&) -> bool { throw 1; };
  expect_all_alike(settings, kept_id, true);
  expect_all_alike(settings, other_id, false);
}

// The sampler may decide by a name that only an observation has.
TEST(Sampling, RemembersWhatTheSamplerSaidOfTheRoot) {
  for (const bool is_kept : {false, true}) {
    for (const auto& [name, enter] : entries) {
      if (std::string_view(name).substr(0, 8) == "an event") continue;  // has a name of its own
      if (std::string_view(name).substr(0, 14) == "an observation") continue;
      SCOPED_TRACE(name);
      Settings settings = capture_settings();
      std::vector<std::string> asked;
      settings.sampler = [&](const SamplingInput& input) {
        asked.emplace_back(input.root_name);
        return input.root_name == (is_kept ? "served" : "");
      };
      Capture capture(settings);
      end(observe("served", ObservationType::span, remote(kept_id)));

      enter(kept_id);

      EXPECT_EQ(capture.client().stats().submitted, is_kept ? 2u : 0u);
      EXPECT_EQ(capture.client().stats().sampled_out, is_kept ? 0u : 2u);
      EXPECT_EQ(asked, std::vector<std::string>{"served"});
    }
  }
}

TEST(Sampling, AsksOnceAboutATraceWithoutARootAndAnewForItsRoot) {
  Settings settings = capture_settings();
  std::vector<std::string> asked;
  settings.sampler = [&](const SamplingInput& input) {
    asked.emplace_back(input.root_name);
    return input.root_name == "served";
  };
  Capture capture(settings);

  score(kept_id);
  score(kept_id);
  EXPECT_EQ(capture.client().stats().submitted, 0u);
  end(observe("served", ObservationType::span, remote(kept_id)));
  score(kept_id);
  end(observe("not served", ObservationType::span, remote(kept_id)));
  score(kept_id);

  EXPECT_EQ(asked, (std::vector<std::string>{"", "served", "not served"}));
  EXPECT_EQ(capture.client().stats().submitted, 3u);
  EXPECT_EQ(capture.client().stats().sampled_out, 3u);
}

TEST(Sampling, RemembersTheNewestTraces) {
  Settings settings = capture_settings();
  settings.sampler = [](const SamplingInput& input) { return input.root_name == "root"; };
  Capture capture(settings);
  for (int i = 0; i < 20'000; ++i) {
    const auto root = observe("root");
    score(root.trace_id());
  }

  EXPECT_EQ(capture.client().stats().sampled_out, 0u);
}

TEST(Sampling, OfASessionsScoreAsksNobody) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  settings.sampler = [](const SamplingInput&) { return false; };
  Capture capture(settings);
  Score of_session("quality", 1);
  of_session.session_id = "s";

  create_score(of_session);

  EXPECT_EQ(capture.client().stats().submitted, 1u);
}

// A score that is refused is no reason to run the user's code.
TEST(Sampling, OfARefusedScoreAsksNobody) {
  Settings settings = capture_settings();
  int asked = 0;
  settings.sampler = [&asked](const SamplingInput&) { return ++asked > 0; };
  Capture capture(settings);
  Score refused("", 1);
  refused.trace_id = kept_id;

  create_score(refused);

  EXPECT_EQ(asked, 0);
}

TEST(Sampling, OfWhatTheSamplerItselfObservesFollowsTheRate) {
  Settings settings = capture_settings();
  settings.sampler = [](const SamplingInput&) {
    score(kept_id);
    const auto observation = observe("in the sampler");
    return false;
  };
  Capture capture(settings);
  { const auto root = observe("root"); }

  EXPECT_EQ(capture.only_span().name, "in the sampler");
  EXPECT_EQ(capture.client().stats().sampled_out, 1u);
  EXPECT_EQ(capture.client().stats().submitted, 2u);
}

Settings holding_settings() {
  Settings settings = capture_settings();
  settings.keep_on_error = true;
  settings.sampler = [](const SamplingInput&) { return false; };
  return settings;
}

TEST(KeepOnErrorBelowARemoteSpan, HoldsLinesAndScoresUntilAnErrorLine) {
  Capture capture(holding_settings());
  const ContextScope scope(remote(kept_id));
  log_a_line();
  score_current_trace("s", 1);
  score(kept_id);
  EXPECT_EQ(capture.client().stats().held, 3u);
  EXPECT_EQ(capture.client().stats().submitted, 0u);

  log_a_line(Severity::error);
  log_a_line();
  { const auto later = observe("later"); }

  EXPECT_EQ(capture.client().stats().held, 0u);
  EXPECT_EQ(capture.client().stats().submitted, 6u);
  EXPECT_EQ(capture.client().stats().sampled_out, 0u);
}

TEST(KeepOnErrorBelowARemoteSpan, ForgetsLinesWhenTheFirstObservationHereEndsWell) {
  Capture capture(holding_settings());
  const ContextScope scope(remote(kept_id));
  log_a_line();
  { const auto served = observe("served"); }

  EXPECT_EQ(capture.client().stats().held, 0u);
  EXPECT_EQ(capture.client().stats().submitted, 0u);
  EXPECT_EQ(capture.client().stats().sampled_out, 2u);
}

TEST(KeepOnErrorBelowARemoteSpan, SendsAnErrorLineThatStandsAlone) {
  Capture capture(holding_settings());
  const ContextScope scope(remote(kept_id));

  log_a_line(Severity::error);

  EXPECT_EQ(capture.only_span().name, "log.error");
}

TEST(KeepOnErrorBelowARemoteSpan, HoldsNoMoreTracesThanItMay) {
  Settings settings = holding_settings();
  settings.held_max_traces = 2;
  Capture capture(settings);
  for (unsigned char i = 1; i <= 5; ++i) {
    TraceId id = kept_id;
    id.bytes[0] = i;
    const ContextScope scope(remote(id));
    log_a_line();
  }

  EXPECT_EQ(capture.client().stats().held, 2u);
  EXPECT_EQ(capture.client().stats().sampled_out, 3u);
}

}  // namespace
}  // namespace langfuse::internal
