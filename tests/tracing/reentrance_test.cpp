// The user's code that runs inside a call of ours (the mask, an `AsJson`, the sampler, `on_error`)
// may do anything with the handle whose call it is: nothing is sent twice, nothing is lost, and no
// two observations share a state.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/current_observation.h"
#include "langfuse/tracing/llm_handler.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/start_observation.h"
#include "model/diagnostics.h"
#include "tests/support/capture.h"
#include "tracing/observation_lines.h"

namespace langfuse {
namespace {

// The handle that both sides use, and what is done to it, once, by the user's code.
struct Scene {
  std::optional<Observation> handle;
  Observation* raw = nullptr;  // also while the handle is being destroyed
  Observation elsewhere;
  std::function<void(Scene&)> deed;

  void act() {
    if (auto once = std::exchange(deed, nullptr)) once(*this);
  }
};

Scene* scene = nullptr;

struct Intruder {};

}  // namespace

template <>
struct AsJson<Intruder> {
  static void write(const Intruder&, JsonText& out) {
    out.append("{\"a\":");
    scene->act();
    out.append("1}");
  }
};

namespace internal {
namespace {

struct Deed {
  const char* name;
  void (*act)(Scene&);
};

const Deed deeds[] = {
    {"Ends", [](Scene& s) { s.raw->end(); }},
    {"EndsAtATime", [](Scene& s) { s.raw->end(UnixTime(1)); }},
    {"MovesItAway", [](Scene& s) { s.elsewhere = std::move(*s.raw); }},
    {"MovesItAwayAndEndsIt",
     [](Scene& s) {
       Observation moved = std::move(*s.raw);
       moved.end();
     }},
    {"AssignsAnother", [](Scene& s) { *s.raw = observe("another"); }},
    {"AssignsAnotherWithTokens",
     [](Scene& s) {
       *s.raw = observe("another");
       s.raw->on_token("text");
     }},
    {"AssignsNone", [](Scene& s) { *s.raw = Observation(); }},
    {"Destroys", [](Scene& s) { s.handle.reset(); }},
    {"EndsAndOpensOthers",
     [](Scene& s) {
       s.raw->end();
       auto others = start_observation("another");
       others.set_metadata("who", "another").on_token("text");
       s.elsewhere = std::move(others);
     }},
    {"SetsValuesOfTheCurrentOne",
     [](Scene&) {
       current_observation().set_input("in").set_metadata("k", "v").on_token("late").set_output(1);
     }},
};

struct Place {
  const char* name;
  void (*call)(Scene&);
};

void log(const char* field) {
  LogLine line;
  line.message = "message";
  line.severity = Severity::error;
  const LineField fields[] = {{"field", "value"}};
  if (field != nullptr) {
    line.fields = fields;
    line.field_count = 1;
  }
  submit(line);
}

const Place places[] = {
    {"SetInput", [](Scene& s) { s.raw->set_input("text"); }},
    {"SetOutput", [](Scene& s) { s.raw->set_output("text"); }},
    {"SetInputToANumber", [](Scene& s) { s.raw->set_input(7); }},
    {"SetOutputToABool", [](Scene& s) { s.raw->set_output(true); }},
    {"SetInputToJson", [](Scene& s) { s.raw->set_input(Intruder()); }},
    {"SetMetadata", [](Scene& s) { s.raw->set_metadata("key", "text"); }},
    {"SetMetadataToANumber", [](Scene& s) { s.raw->set_metadata("key", 0.5); }},
    {"SetMetadataToJson", [](Scene& s) { s.raw->set_metadata("key", Intruder()); }},
    {"SetModelParameterToJson", [](Scene& s) { s.raw->set_model_parameter("p", Intruder()); }},
    {"SetStatusMessage", [](Scene& s) { s.raw->set_status_message("text"); }},
    {"SetThroughTheCurrentOne", [](Scene&) { current_observation().set_input("text"); }},
    {"RecordException", [](Scene& s) { s.raw->record_exception(std::runtime_error("text")); }},
    {"EndWithTokens", [](Scene& s) { s.raw->on_token("text").end(); }},
    {"EndWithTokensAtATime", [](Scene& s) { s.raw->on_token("text").end(UnixTime(1)); }},
    {"EndOfScopeWithTokens",
     [](Scene& s) {
       s.raw->on_token("text");
       s.handle.reset();
     }},
    {"AssignOverTokens",
     [](Scene& s) {
       s.raw->on_token("text");
       *s.raw = start_observation("next");
     }},
    {"LogMessage", [](Scene&) { log(nullptr); }},
    {"LogField", [](Scene&) { log("field"); }},
    {"PropagatedMetadata",
     [](Scene&) {
       const auto scope = propagate_attributes(PropagatedAttributes().set_metadata("key", "text"));
     }},
};

class Reentrance : public ::testing::TestWithParam<std::tuple<Place, Deed>> {
 protected:
  Reentrance()
      : capture_([this] {
          Settings settings = capture_settings();
          settings.mask = [this](std::string_view text) {
            scene_.act();
            return std::string(text);
          };
          return settings;
        }()) {
    scene = &scene_;
  }
  ~Reentrance() override { scene = nullptr; }

  Scene scene_;
  Capture capture_;
};

TEST_P(Reentrance, SendsEachOnceAndSharesNothing) {
  const auto& [place, deed] = GetParam();
  scene_.handle = observe("victim", ObservationType::generation);
  scene_.raw = &*scene_.handle;
  scene_.deed = deed.act;

  place.call(scene_);
  scene_.handle.reset();
  scene_.elsewhere.end();

  EXPECT_EQ(scene_.deed, nullptr) << "the user's code did not run";
  auto one = start_observation("one");
  auto two = start_observation("two");
  one.set_metadata("who", "one").set_input("one");
  two.set_metadata("who", "two").set_input("two");
  one.end();
  two.end();
  std::map<std::string, int> spans;
  std::map<std::string, int> names;
  for (const DecodedSpan& span : capture_.spans()) {
    ++spans[span.span_id];
    ++names[span.name];
    if (span.name == "one" || span.name == "two") {
      EXPECT_EQ(span.text("langfuse.observation.metadata.who"), span.name);
      EXPECT_EQ(span.text("langfuse.observation.input"), span.name);
    }
  }
  for (const auto& [id, count] : spans) EXPECT_EQ(count, 1) << id;
  EXPECT_EQ(names["victim"], 1);
  EXPECT_EQ(names["one"], 1);
  EXPECT_EQ(names["two"], 1);
  EXPECT_LE(names["another"], 1);
  const Stats stats = capture_.client().stats();
  EXPECT_EQ(stats.submitted, stats.delivered);
  EXPECT_EQ(stats.open, 0u);
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Place, Deed>>& info) {
  return std::string(std::get<0>(info.param).name) + "That" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(EveryPlace, Reentrance,
                         ::testing::Combine(::testing::ValuesIn(places),
                                            ::testing::ValuesIn(deeds)),
                         name_of);

// The text of the tokens is the mask's until it returns.
TEST(ReentranceOfTokens, LeavesTheMaskItsText) {
  Settings settings = capture_settings();
  settings.mask = [](std::string_view text) {
    for (int i = 0; i < 100; ++i) current_observation().on_token(std::string(100, 'x'));
    return std::string(text);
  };
  Capture capture(settings);
  {
    auto observation = observe("stream");
    observation.on_token("the ").on_token("answer");
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.output"), "the answer");
}

// What the mask sets on the observation that is ending counts, also for what becomes of its trace.
TEST(ReentranceAtTheEnd, ReadsTheLevelAfterTheMask) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  settings.keep_on_error = true;
  settings.mask = [](std::string_view text) {
    current_observation().set_level(Level::error);
    return std::string(text);
  };
  Capture capture(settings);
  {
    auto observation = observe("kept");
    observation.on_token("text");
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.level"), "ERROR");
}

// No lock is held while the mask runs: another thread may log into the observation meanwhile.
TEST(ReentranceAtTheEnd, HoldsNoLockWhileTheMaskRuns) {
  expect_observation_lines();
  Observation observation;
  Settings settings = capture_settings();
  bool is_logged = false;
  settings.mask = [&](std::string_view text) {
    is_logged = add_observation_line({0, "info", "", "a line"});
    return std::string(text);
  };
  Capture capture(settings);
  observation = observe("observation");
  observation.on_token("text");

  observation.end();

  EXPECT_TRUE(is_logged);
  EXPECT_NE(capture.only_span().text("langfuse.observation.metadata.log").find("a line"),
            std::string::npos);
}

// The sampler may end what the new observation was to inherit from.
TEST(ReentranceOfTheSampler, MayEndThePropagationAround) {
  std::optional<PropagationScope> around;
  Settings settings = capture_settings();
  settings.sampler = [&](const SamplingInput&) {
    around.reset();
    return true;
  };
  Capture capture(settings);
  around.emplace(PropagatedAttributes().set_user_id("u").set_metadata("key", "value"));
  { const auto observation = observe("root"); }

  EXPECT_EQ(capture.only_span().text("user.id"), "u");
}

TEST(ReentranceOfTheSampler, MayOpenAndEndOthers) {
  bool is_inside = false;
  Settings settings = capture_settings();
  settings.sampler = [&](const SamplingInput&) {
    if (std::exchange(is_inside, true)) return true;
    auto other = observe("other");
    other.set_input("other");
    return true;
  };
  Capture capture(settings);
  {
    auto observation = observe("root");
    observation.set_output("root");
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].name, "other");
  EXPECT_EQ(spans[0].attribute("langfuse.observation.output"), "<absent>");
  EXPECT_EQ(spans[1].text("langfuse.observation.output"), "root");
  EXPECT_NE(spans[0].span_id, spans[1].span_id);
}

// `on_error` may end the observation of whose value it is told.
TEST(ReentranceOfOnError, MayEndTheObservation) {
  Observation observation;
  DiagnosticsOptions options;
  options.on_error = [&](const Diagnostic&) { observation.end(); };
  Capture capture;
  configure_diagnostics(std::move(options));
  const std::vector<std::function<void()>> causes = {
      [&] { observation.set_metadata("", 1); },
      [&] { observation.set_usage("", 1); },
      [&] { observation.set_cost("k", 0.0 / 0.0); },
      [&] { observation.set_prompt("", 0); },
  };
  for (const auto& cause : causes) {
    observation = observe("observation");
    cause();
  }
  configure_diagnostics({});

  EXPECT_EQ(capture.spans().size(), causes.size());
  EXPECT_EQ(capture.client().stats().open, 0u);
}

// A handler's run can be reached from inside its own values.
TEST(ReentranceOfAnLlmHandler, EndsARunOnce) {
  LlmHandler* handler = nullptr;
  Settings settings = capture_settings();
  settings.mask = [&](std::string_view text) {
    if (handler != nullptr) handler->on_llm_end("run", std::string_view("twice"), {});
    return std::string(text);
  };
  Capture capture(settings);
  LlmHandler owned;
  handler = &owned;

  owned.on_llm_start("run", "model", "prompt");
  owned.on_llm_new_token("run", "text");
  owned.on_llm_end("run", std::string_view("once"), {{"input", 1}});
  handler = nullptr;

  EXPECT_EQ(capture.only_span().text("langfuse.observation.output"), "once");
  EXPECT_EQ(owned.stats().ended, 1u);
  EXPECT_EQ(owned.stats().open, 0u);
}

TEST(ReentranceOfAnLlmHandler, LetsAnUpdateTakeTheRunAway) {
  Capture capture;
  LlmHandler handler;
  Observation taken;
  handler.on_llm_start("run", "model", "prompt");
  handler.update("run", [&](Observation& run) { taken = std::move(run); });
  handler.on_llm_end("run", {}, LlmUsage::follows());
  handler.on_llm_usage("run", {{"input", 1}});
  taken.end();

  EXPECT_EQ(capture.only_span().name, "model");
  EXPECT_EQ(handler.stats().open, 0u);
  EXPECT_EQ(handler.stats().held, 0u);
}

}  // namespace
}  // namespace internal
}  // namespace langfuse
