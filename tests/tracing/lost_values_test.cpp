// A value that finds no memory goes, and what it was before goes with it: an old value must not
// pass for the new one. Each loss is counted and reported, and nothing else is lost.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"
#include "model/diagnostics.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/capture.h"
#include "tracing/observation_lines.h"

namespace langfuse {
namespace {

// Writes a text of so many bytes.
struct Long {
  std::size_t size;
};

// An object of three members with such names and values of so many bytes.
struct Members {
  const char* name;
  std::size_t size;
};

}  // namespace

template <>
struct AsJson<Members> {
  static void write(const Members& value, JsonText& out) {
    for (int i = 0; i < 3; ++i) {
      out.append(i == 0 ? "{" : ",");
      const char digit = static_cast<char>('0' + i);
      out.append("\"");
      out.append(value.name);
      out.append({&digit, 1});
      out.append("\":\"\\u00e9");
      for (std::size_t j = 0; j < value.size; j += 10) out.append("0123456789");
      out.append("\"");
    }
    out.append("}");
  }
};

template <>
struct AsJson<Long> {
  static void write(const Long& value, JsonText& out) {
    out.append("\"");
    for (std::size_t i = 0; i < value.size; ++i) out.append("x");
    out.append("\"");
  }
};

namespace internal {
namespace {

using testing::FailingAllocations;

constexpr std::size_t large = 200'000;  // more than an ended observation leaves behind

// What is set, to something small or large, and where it is found.
struct Setter {
  const char* name;
  void (*set)(Observation&, std::string_view);
  const char* attribute;
  const char* when_small;
  const char* when_lost;
};

const Setter setters[] = {
    {"Input", [](Observation& o, std::string_view text) { o.set_input(text); },
     "langfuse.observation.input", "\"small\"", "<absent>"},
    {"Output", [](Observation& o, std::string_view text) { o.set_output(text); },
     "langfuse.observation.output", "\"small\"", "<absent>"},
    {"Metadata", [](Observation& o, std::string_view text) { o.set_metadata("k\xFF", text); },
     "langfuse.observation.metadata.k\xEF\xBF\xBD", "\"small\"", "<absent>"},
    {"Model", [](Observation& o, std::string_view text) { o.set_model(text); },
     "langfuse.observation.model.name", "\"small\"", "<absent>"},
    {"ModelParameter",
     [](Observation& o, std::string_view text) { o.set_model_parameter("p\"\xFF", text); },
     "langfuse.observation.model.parameters", "\"{\\\"p\\\\\\\"\xEF\xBF\xBD\\\":\\\"small\\\"}\"",
     "<absent>"},
    {"StatusMessage", [](Observation& o, std::string_view text) { o.set_status_message(text); },
     "langfuse.observation.status_message", "\"small\"", "<absent>"},
    {"Version", [](Observation& o, std::string_view text) { o.set_version(text); },
     "langfuse.version", "\"small\"", "<absent>"},
    {"Prompt", [](Observation& o, std::string_view text) { o.set_prompt(text, 3); },
     "langfuse.observation.prompt.name", "\"small\"", "<absent>"},
    {"JsonInput",
     [](Observation& o, std::string_view text) {
       if (text.size() < large) {
         o.set_input(text);
       } else {
         o.set_input(Long{large});
       }
     },
     "langfuse.observation.input", "\"small\"", "<absent>"},
    {"JsonMetadata",
     [](Observation& o, std::string_view text) {
       if (text.size() < large) {
         o.set_metadata("k", text);
       } else {
         o.set_metadata("k", Long{large});
       }
     },
     "langfuse.observation.metadata.k", "\"small\"", "<absent>"},
    {"JsonModelParameter",
     [](Observation& o, std::string_view text) {
       if (text.size() < large) {
         o.set_model_parameter("k", text);
       } else {
         o.set_model_parameter("k", Long{large});
       }
     },
     "langfuse.observation.model.parameters", "\"{\\\"k\\\":\\\"small\\\"}\"", "<absent>"},
    {"ExceptionText",
     [](Observation& o, std::string_view text) {
       o.record_exception(std::runtime_error(std::string(text)));
     },
     "langfuse.observation.status_message", "\"std::runtime_error: small\"", "<absent>"},
};

std::atomic<int> reports{0};

class LostValues : public ::testing::TestWithParam<Setter> {
 protected:
  LostValues() {
    reports = 0;
    DiagnosticsOptions options;
    options.on_error = [](const Diagnostic&) { ++reports; };
    configure_diagnostics(std::move(options));
  }
  ~LostValues() override { configure_diagnostics({}); }

  Capture capture_;
};

TEST_P(LostValues, GoWithTheOldOneAndAreCounted) {
  const Setter& setter = GetParam();
  const std::string text(large, 'x');
  {
    auto observation = observe("observation", ObservationType::generation);
    observation.set_metadata("other", "stays").set_usage("input", 7);
    setter.set(observation, "small");
    // The exception's own copy of its text is the caller's.
    const std::uint64_t spared = std::string_view(setter.name) == "ExceptionText" ? 2 : 0;
    const FailingAllocations failing(spared, FailingAllocations::all, large / 4);
    setter.set(observation, text);
  }

  const Stats stats = capture_.client().stats();
  const DecodedSpan span = capture_.only_span();
  EXPECT_EQ(span.attribute(setter.attribute), setter.when_lost);
  EXPECT_EQ(span.text("langfuse.observation.metadata.other"), "stays");
  EXPECT_EQ(span.text("langfuse.observation.usage_details"), "{\"input\":7}");
  EXPECT_EQ(span.count("langfuse.observation.prompt.version"), 0);
  EXPECT_EQ(stats.lost_values, 1u);
  EXPECT_EQ(stats.truncated, 0u);
  EXPECT_EQ(reports, 1);
}

TEST_P(LostValues, AreNoneWhenThereIsMemory) {
  const Setter& setter = GetParam();
  {
    auto observation = observe("observation", ObservationType::generation);
    setter.set(observation, std::string(large, 'x'));
    setter.set(observation, "small");
  }

  EXPECT_EQ(capture_.only_span().attribute(setter.attribute), setter.when_small);
  EXPECT_EQ(capture_.client().stats().lost_values, 0u);
  EXPECT_EQ(reports, 0);
}

INSTANTIATE_TEST_SUITE_P(OfEverySetter, LostValues, ::testing::ValuesIn(setters),
                         [](const auto& setter) { return std::string(setter.param.name); });

// Every allocation of a scenario fails once, and then all from it on: what arrives holds for every
// key the value set last or nothing.
TEST(LostValuesOfAScenario, LeaveNoOldValueBehind) {
  const std::string text(large, 'x');
  for (const std::uint64_t count : {std::uint64_t{1}, FailingAllocations::all}) {
    for (std::uint64_t spared = 0; spared < 60; ++spared) {
      Capture capture;
      {
        auto observation = observe("observation", ObservationType::generation);
        const auto set = [&](std::string_view value) {
          observation.set_input(value).set_output(value).set_metadata("k", value);
          observation.set_model(value).set_model_parameter("p", value).set_status_message(value);
        };
        set("old");
        const FailingAllocations failing(spared, count);
        set(text);
      }

      const std::uint64_t lost = capture.client().stats().lost_values;
      const std::vector<DecodedSpan> spans = capture.spans();
      const std::uint64_t dropped = capture.client().stats().dropped[DropReason::out_of_memory];
      ASSERT_EQ(spans.size() + dropped, 1u);
      if (spans.empty()) continue;
      std::uint64_t absent = 0;
      for (const char* key :
           {"langfuse.observation.input", "langfuse.observation.output",
            "langfuse.observation.metadata.k", "langfuse.observation.model.name",
            "langfuse.observation.model.parameters", "langfuse.observation.status_message"}) {
        const std::string value = spans[0].attribute(key);
        EXPECT_EQ(value.find("old"), std::string::npos) << key << " after " << spared;
        absent += value == "<absent>" ? 1 : 0;
      }
      EXPECT_EQ(absent, lost) << "after " << spared;
    }
  }
}

// Half of an object would pass for all of it.
TEST(LostValuesOfAnObject, GoAsAWhole) {
  for (const std::uint64_t count : {std::uint64_t{1}, FailingAllocations::all}) {
    bool is_ever_lost = false;
    for (std::uint64_t spared = 0; spared < 30; ++spared) {
      Capture capture;
      {
        auto observation = observe("observation");
        observation.set_metadata("k", Members{"old", 1}).set_metadata("other", "stays");
        const FailingAllocations failing(spared, count);
        observation.set_metadata("k", Members{"new", 40'000});
      }

      const std::uint64_t lost = capture.client().stats().lost_values;
      const std::vector<DecodedSpan> spans = capture.spans();
      if (spans.empty()) continue;  // the record itself found no memory
      const std::string prefix = "langfuse.observation.metadata.";
      EXPECT_EQ(spans[0].text(prefix + "other"), "stays");
      EXPECT_EQ(spans[0].count(prefix + "k.old0"), 0) << spared;
      for (const char* member : {"k.new0", "k.new1", "k.new2"}) {
        EXPECT_EQ(spans[0].count(prefix + member), lost == 0 ? 1 : 0) << member << " " << spared;
      }
      EXPECT_LE(lost, 1u);
      is_ever_lost = is_ever_lost || lost == 1;
    }
    EXPECT_TRUE(is_ever_lost);
  }
}

// The same for what is propagated: an old user must not pass for the new one.
TEST(LostValuesOfPropagation, GoWithTheOldOne) {
  Capture capture;
  PropagatedAttributes attributes;
  attributes.set_user_id("old").set_metadata("k", "old").set_environment("old").set_session_id("s");
  {
    const FailingAllocations failing;
    const std::string_view large_text(
        "a text that is long enough to find no room in what there is, said twice: a text that is "
        "long enough to find no room in what there is");
    attributes.set_user_id(large_text).set_metadata("k", large_text);
  }
  const std::uint64_t lost = capture.client().stats().lost_values;
  {
    const auto scope = propagate_attributes(attributes);
    auto observation = observe("observation");
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_NE(span.attribute("user.id"), "\"old\"");
  EXPECT_NE(span.attribute("langfuse.trace.metadata.k"), "\"old\"");
  EXPECT_EQ(span.text("session.id"), "s");
  EXPECT_GE(lost, 2u);
}

// A text with a hole would be another text: it ends where memory ended.
TEST(LostValuesOfTokens, CutTheTextThere) {
  Capture capture;
  {
    auto observation = observe("stream");
    const std::string piece(100'000, 'x');
    observation.on_token("the ");
    {
      const FailingAllocations failing;
      observation.on_token(piece);
    }
    observation.on_token("end");
  }

  EXPECT_EQ(capture.only_span().text("langfuse.observation.output"),
            "the \xE2\x80\xA6[truncated 100003 bytes]");
  EXPECT_EQ(capture.client().stats().truncated, 1u);
}

TEST(LostValuesOfLines, CutTheTextThere) {
  expect_observation_lines();
  Capture capture;
  const std::string message(100'000, 'x');
  {
    auto observation = observe("lines");
    add_observation_line({0, "info", "", "first"});
    {
      const FailingAllocations failing;
      add_observation_line({0, "info", "", message});
    }
    add_observation_line({0, "info", "", "last"});
  }

  const std::string log = capture.only_span().text("langfuse.observation.metadata.log");
  EXPECT_NE(log.find("first"), std::string::npos);
  EXPECT_EQ(log.find("last"), std::string::npos);
  EXPECT_NE(log.find("[truncated 1000"), std::string::npos);
  EXPECT_EQ(capture.client().stats().truncated, 1u);
}

// What an observation says itself is said once, also beside what it inherits.
TEST(PromptOfAnObservation, IsThereOnceBesideAPropagatedOne) {
  Capture capture;
  {
    const auto scope = propagate_attributes(PropagatedAttributes().set_prompt("outer", 1));
    auto own = observe("own", ObservationType::generation);
    own.set_prompt("inner", 2);
  }

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.text("langfuse.observation.prompt.name"), "inner");
  EXPECT_EQ(span.attribute("langfuse.observation.prompt.version"), "2");
}

}  // namespace
}  // namespace internal
}  // namespace langfuse
