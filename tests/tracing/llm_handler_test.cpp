#include "langfuse/tracing/llm_handler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/json.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

// The span of that name; an empty one, and a failed test, when there is no such span.
DecodedSpan named(const std::vector<DecodedSpan>& spans, std::string_view name) {
  const auto found = std::find_if(spans.begin(), spans.end(),
                                  [name](const DecodedSpan& span) { return span.name == name; });
  EXPECT_NE(found, spans.end()) << name;
  return found == spans.end() ? DecodedSpan() : *found;
}

std::string output_of(const DecodedSpan& span) {
  return span.text("langfuse.observation.output");
}
std::string level_of(const DecodedSpan& span) {
  return span.text("langfuse.observation.level");
}

TEST(LlmHandler, MakesAGenerationOfACall) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "qwen3-8b", "Why?");
  handler.on_llm_end("run", "Because.", {{"input", 2}, {"output", 1}});

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "qwen3-8b");
  EXPECT_EQ(attributes_text(span), R"(  langfuse.observation.type = "generation"
  langfuse.observation.level = "DEFAULT"
  langfuse.internal.is_app_root = true
  langfuse.observation.usage_details = "{\"input\":2,\"output\":1}"
  langfuse.observation.model.name = "qwen3-8b"
  langfuse.observation.input = "Why?"
  langfuse.observation.output = "Because."
  status 0 ""
)");
}

TEST(LlmHandler, NestsRunsBelowTheirParentRuns) {
  Capture capture;
  LlmHandler handler;
  handler.on_chain_start("1", "answer", "Why?");
  handler.on_tool_start("2", "search", nlohmann::json{{"query", "why"}}, "1");
  handler.on_retriever_start("3", "index", "why", "2");
  handler.on_retriever_end("3", nlohmann::json{"a", "b"});
  handler.on_tool_end("2", 2);
  handler.on_chain_end("1", "Because.");

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  const DecodedSpan chain = named(spans, "answer");
  const DecodedSpan tool = named(spans, "search");
  const DecodedSpan retriever = named(spans, "index");
  EXPECT_EQ(chain.parent_span_id, "");
  EXPECT_EQ(tool.parent_span_id, chain.span_id);
  EXPECT_EQ(retriever.parent_span_id, tool.span_id);
  EXPECT_EQ(retriever.trace_id, chain.trace_id);
  EXPECT_EQ(chain.text("langfuse.observation.type"), "chain");
  EXPECT_EQ(tool.text("langfuse.observation.type"), "tool");
  EXPECT_EQ(retriever.text("langfuse.observation.type"), "retriever");
  EXPECT_EQ(tool.attribute("langfuse.observation.input"), R"("{\"query\":\"why\"}")");
  EXPECT_EQ(output_of(chain), "Because.");
}

TEST(LlmHandler, StartsBelowTheCurrentObservation) {
  Capture capture;
  LlmHandler handler;
  auto step = observe("step");
  handler.on_llm_start("run", "model", "Why?");
  EXPECT_EQ(current_context().span.span_id, step.id());
  handler.on_llm_end("run");

  EXPECT_EQ(capture.only_span().parent_span_id, step.id().hex().c_str());
}

TEST(LlmHandler, SubmitsARunWhenItEnds) {
  Capture capture;
  LlmHandler handler;
  handler.on_tool_start("run", "search", "why");
  EXPECT_EQ(capture.client().stats().submitted, 0u);
  EXPECT_EQ(handler.stats().open, 1u);

  handler.on_tool_end("run");

  EXPECT_EQ(capture.client().stats().submitted, 1u);
  EXPECT_EQ(handler.stats().open, 0u);
  EXPECT_EQ(handler.stats().ended, 1u);
}

TEST(LlmHandler, MakesTheOutputOfTheTokens) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  // Pieces may end inside a character.
  for (const char* const piece : {"Gr\xC3", "\xBC\xC3\x9F", " Gott"}) {
    handler.on_llm_new_token("run", piece);
  }
  handler.on_llm_end("run", {}, {{usage_kind::output, 3}});

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(output_of(span), "Gr\xC3\xBC\xC3\x9F Gott");
  EXPECT_EQ(span.count("langfuse.observation.completion_start_time"), 1);
  EXPECT_EQ(span.attribute("langfuse.observation.usage_details"), R"("{\"output\":3}")");
}

TEST(LlmHandler, TakesUsageAsAnyMap) {
  Capture capture;
  LlmHandler handler;
  const std::map<std::string, int> usage{{"input", 2}, {"input_cached_tokens", 5}};
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_end("run", "Because.", usage);

  EXPECT_EQ(capture.only_span().attribute("langfuse.observation.usage_details"),
            R"("{\"input\":2,\"input_cached_tokens\":5}")");
}

TEST(LlmHandler, EndsAFailedRunAsAnError) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_new_token("run", "Beca");
  handler.on_llm_error("run", "connection reset");

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(level_of(span), "ERROR");
  EXPECT_EQ(span.text("langfuse.observation.status_message"), "connection reset");
  EXPECT_EQ(output_of(span), "Beca");
}

TEST(LlmHandler, EndsEveryKindOfRunAsAnError) {
  Capture capture;
  LlmHandler handler;
  handler.on_chain_start("1", "chain", "");
  handler.on_tool_start("2", "tool", "", "1");
  handler.on_retriever_start("3", "retriever", "", "2");
  handler.on_retriever_error("3", "no index");
  handler.on_tool_error("2", "no index");
  handler.on_chain_error("1", "no index");

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 3u);
  for (const DecodedSpan& span : spans) EXPECT_EQ(level_of(span), "ERROR") << span.name;
}

TEST(LlmHandler, WaitsForUsageThatFollows) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_new_token("run", "Beca");
  handler.on_llm_end("run", {}, LlmUsage::follows());
  const std::int64_t after_end = wall_now_ns();
  EXPECT_EQ(capture.client().stats().submitted, 0u);
  EXPECT_EQ(handler.stats().held, 1u);
  handler.on_llm_new_token("run", "use.");
  const std::int64_t before_usage = wall_now_ns();
  while (wall_now_ns() == before_usage) continue;

  handler.on_llm_usage("run", {{"output", 2}});

  EXPECT_EQ(capture.client().stats().submitted, 1u);
  EXPECT_EQ(handler.stats().held, 0u);
  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(output_of(span), "Because.");
  EXPECT_EQ(span.attribute("langfuse.observation.usage_details"), R"("{\"output\":2}")");
  // It ended when it was said to, not when it was complete. (The two clocks may differ a little.)
  EXPECT_LE(span.end_unix_nano, static_cast<std::uint64_t>(after_end) + 5'000'000u);
}

TEST(LlmHandler, TakesUsageBeforeTheEnd) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_usage("run", {{"output", 2}});
  EXPECT_EQ(handler.stats().open, 1u);
  handler.on_llm_end("run");

  EXPECT_EQ(capture.only_span().attribute("langfuse.observation.usage_details"),
            R"("{\"output\":2}")");
}

TEST(LlmHandler, CompletesARunThatWaitsForUsageByASecondEnd) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_end("run", "Because.", LlmUsage::follows());
  handler.on_llm_error("run", "the stream broke");

  EXPECT_EQ(level_of(capture.only_span()), "ERROR");
  EXPECT_EQ(handler.stats().ignored, 0u);
}

// The order of a flush: the handler first, which makes records, and then the client, which has to
// deliver those, too.
TEST(LlmHandler, FlushDeliversTheRecordsThatItMakesItself) {
  Capture capture;
  LlmHandler handler(LlmHandlerOptions().set_hold_finished(10));
  handler.on_llm_start("waits for usage", "waiting", "Why?");
  handler.on_llm_end("waits for usage", "Because.", LlmUsage::follows());
  handler.on_tool_start("held", "held", "why");
  handler.on_tool_end("held");
  EXPECT_EQ(capture.client().stats().submitted, 0u);

  const FlushResult result = handler.flush();

  EXPECT_EQ(result.status, FlushStatus::ok);
  EXPECT_EQ(result.delivered, 2u);
  EXPECT_EQ(result.pending, 0u);
  EXPECT_EQ(result.open, 0u);
  EXPECT_EQ(capture.spans().size(), 2u);
}

TEST(LlmHandler, IsFlushedByEveryFlushOfTheClient) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_end("run", "Because.", LlmUsage::follows());
  EXPECT_EQ(capture.client().stats().submitted, 0u);

  const FlushResult result = handler.client().flush();

  EXPECT_EQ(result.status, FlushStatus::ok);
  EXPECT_EQ(result.delivered, 1u);
}

TEST(LlmHandler, IsFlushedByTheShutdown) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_end("run", "Because.", LlmUsage::follows());

  EXPECT_EQ(handler.client().shutdown().delivered, 1u);
}

TEST(LlmHandler, FlushLeavesOpenRunsOpen) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_new_token("run", "Beca");

  const FlushResult result = handler.flush();

  EXPECT_EQ(result.delivered, 0u);
  EXPECT_EQ(result.open, 1u);
  handler.on_llm_new_token("run", "use.");
  handler.on_llm_end("run");
  EXPECT_EQ(output_of(capture.only_span()), "Because.");
}

TEST(LlmHandler, HoldsFinishedRunsUntilThereAreEnough) {
  Capture capture;
  LlmHandler handler(LlmHandlerOptions().set_hold_finished(3));
  std::vector<std::uint64_t> submitted;
  std::vector<std::uint64_t> held;
  for (int i = 0; i < 7; ++i) {
    const std::string id = std::to_string(i);
    handler.on_tool_start(id, "tool", i);
    handler.on_tool_end(id, i);
    submitted.push_back(capture.client().stats().submitted);
    held.push_back(handler.stats().held);
  }

  EXPECT_EQ(submitted, (std::vector<std::uint64_t>{0, 0, 3, 3, 3, 6, 6}));
  EXPECT_EQ(held, (std::vector<std::uint64_t>{1, 2, 0, 1, 2, 0, 1}));
  EXPECT_EQ(handler.flush().delivered, 7u);
  EXPECT_EQ(handler.stats().held, 0u);
  EXPECT_EQ(handler.stats().ended, 7u);
}

class LlmHandlerMisuse : public ::testing::Test {
 protected:
  LlmHandlerMisuse() {
    DiagnosticsOptions options;
    options.on_error = [this](const Diagnostic& diagnostic) {
      said_.emplace_back(diagnostic.message);
    };
    configure_diagnostics(std::move(options));
  }
  ~LlmHandlerMisuse() override { configure_diagnostics({}); }

  Capture capture_;
  std::vector<std::string> said_;
};

TEST_F(LlmHandlerMisuse, IgnoresEventsOfUnknownRuns) {
  LlmHandler handler;
  handler.on_tool_start("other", "other", "");
  handler.on_llm_new_token("unknown", "text");
  handler.on_llm_usage("unknown", {{"input", 1}});
  handler.on_llm_end("unknown", "text");
  handler.on_chain_error("unknown", "text");
  EXPECT_FALSE(handler.update("unknown", [](Observation&) { FAIL(); }));
  EXPECT_EQ(handler.stats().ignored, 5u);
  handler.on_tool_end("other");

  EXPECT_EQ(capture_.only_span().name, "other");
}

TEST_F(LlmHandlerMisuse, IsNamedByDebugDiagnostics) {
  DiagnosticsOptions options;
  options.debug = true;
  configure_diagnostics(std::move(options));
  LlmHandler handler;
  ::testing::internal::CaptureStderr();

  handler.on_tool_end("unknown");
  handler.on_tool_start("run", "tool", "");
  handler.on_tool_start("run", "tool", "");
  handler.on_tool_start("child", "tool", "", "unknown");

  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "langfuse: debug: run 'unknown' is not open\n"
            "langfuse: debug: run 'run' is open already\n"
            "langfuse: debug: run 'unknown' is not open and cannot be a parent; the current "
            "observation is\n");
}

TEST_F(LlmHandlerMisuse, IgnoresASecondStart) {
  LlmHandler handler;
  handler.on_tool_start("run", "first", "1");
  handler.on_llm_start("run", "second", "2");
  EXPECT_EQ(handler.stats().ignored, 1u);
  handler.on_tool_end("run");

  const DecodedSpan span = capture_.only_span();
  EXPECT_EQ(span.name, "first");
  EXPECT_EQ(span.text("langfuse.observation.input"), "1");
}

TEST_F(LlmHandlerMisuse, IgnoresASecondEnd) {
  LlmHandler handler;
  handler.on_tool_start("run", "tool", "");
  handler.on_tool_end("run", "first");
  handler.on_tool_end("run", "second");
  EXPECT_EQ(handler.stats().ignored, 1u);

  EXPECT_EQ(output_of(capture_.only_span()), "first");
}

TEST_F(LlmHandlerMisuse, StartsBelowTheCurrentObservationWhenTheParentIsUnknown) {
  LlmHandler handler;
  auto step = observe("step");
  handler.on_llm_start("run", "model", "", "unknown");
  handler.on_llm_start("own parent", "model", "", "own parent");
  EXPECT_EQ(handler.stats().ignored, 2u);
  EXPECT_EQ(handler.stats().open, 2u);
  handler.on_llm_end("run");
  handler.on_llm_end("own parent");

  const std::vector<DecodedSpan> spans = capture_.spans();
  ASSERT_EQ(spans.size(), 2u);
  for (const DecodedSpan& span : spans) EXPECT_EQ(span.parent_span_id, step.id().hex().c_str());
}

TEST_F(LlmHandlerMisuse, EndsTheOldestRunWhenTooManyAreOpen) {
  LlmHandler handler(LlmHandlerOptions().set_max_open_runs(2));
  for (const char* const id : {"1", "2", "3", "4"}) handler.on_llm_start(id, id, "Why?");
  EXPECT_EQ(handler.stats().open, 2u);
  EXPECT_EQ(handler.stats().pushed, 2u);
  EXPECT_EQ(said_,
            std::vector<std::string>{"more than `max_open_runs` runs of an LLM handler are open; "
                                     "the oldest are ended"});
  for (const char* const id : {"1", "2", "3", "4"}) handler.on_llm_end(id);

  const std::vector<DecodedSpan> spans = capture_.spans();
  ASSERT_EQ(spans.size(), 4u);
  EXPECT_EQ(handler.stats().ignored, 2u);
  for (const char* const id : {"1", "2"}) {
    const DecodedSpan span = named(spans, id);
    EXPECT_EQ(level_of(span), "WARNING");
    EXPECT_EQ(span.text("langfuse.observation.status_message"),
              "ended by its handler: too many runs were open");
  }
  EXPECT_EQ(level_of(named(spans, "3")), "DEFAULT");
}

TEST_F(LlmHandlerMisuse, CompletesARunThatWaitsForUsageWhenTooManyAreOpen) {
  LlmHandler handler(LlmHandlerOptions().set_max_open_runs(1));
  handler.on_llm_start("1", "first", "Why?");
  handler.on_llm_end("1", "Because.", LlmUsage::follows());
  handler.on_llm_start("2", "second", "Why?");

  const DecodedSpan span = capture_.only_span();
  EXPECT_EQ(span.name, "first");
  EXPECT_EQ(level_of(span), "DEFAULT");
  EXPECT_EQ(handler.stats().pushed, 0u);
}

TEST(LlmHandler, TakesARunIdAgainAfterItsEnd) {
  Capture capture;
  LlmHandler handler;
  for (int i = 0; i < 2; ++i) {
    handler.on_llm_start("run", "model", "Why?");
    handler.on_llm_end("run");
  }

  EXPECT_EQ(capture.spans().size(), 2u);
  EXPECT_EQ(handler.stats().ignored, 0u);
}

TEST(LlmHandler, EndsOpenRunsAsWarningsWhenItIsDestroyed) {
  Capture capture;
  {
    LlmHandler handler;
    handler.on_chain_start("1", "open", "Why?");
    handler.on_llm_start("2", "complete", "Why?", "1");
    handler.on_llm_end("2", "Because.", LlmUsage::follows());
  }

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(open_observations(), 0u);
  EXPECT_EQ(level_of(named(spans, "open")), "WARNING");
  EXPECT_EQ(named(spans, "open").text("langfuse.observation.status_message"),
            "ended by its handler, which was destroyed");
  EXPECT_EQ(level_of(named(spans, "complete")), "DEFAULT");
}

TEST(LlmHandler, DoesNothingWhenNothingIsConfigured) {
  Client::forget();
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  handler.on_llm_new_token("run", "Because.");
  handler.on_llm_end("run", "Because.", LlmUsage::follows());
  handler.on_llm_usage("run", {{"input", 1}});

  EXPECT_EQ(handler.flush().status, FlushStatus::not_configured);
  EXPECT_FALSE(handler.client().enabled());
  EXPECT_EQ(handler.stats().open + handler.stats().held + handler.stats().ended, 0u);
  EXPECT_EQ(handler.stats().ignored, 0u);
}

TEST(LlmHandler, CountsRunsThatAreNotInTheSample) {
  Settings settings = capture_settings();
  settings.sample_rate = 0;
  Capture capture(settings);
  LlmHandler handler;
  handler.on_chain_start("1", "answer", "Why?");
  handler.on_llm_start("2", "model", "Why?", "1");
  handler.on_llm_end("2", "Because.");
  handler.on_chain_end("1");

  EXPECT_EQ(capture.client().stats().sampled_out, 2u);
  EXPECT_EQ(capture.spans().size(), 0u);
}

TEST(LlmHandlerUpdate, SetsWhateverAnObservationCanSay) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  EXPECT_TRUE(handler.update("run", [](Observation& run) {
    run.set_name("embed").set_type(ObservationType::embedding).set_model_parameter("size", 256);
  }));
  handler.on_llm_end("run");

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(span.name, "embed");
  EXPECT_EQ(span.text("langfuse.observation.type"), "embedding");
  EXPECT_EQ(span.attribute("langfuse.observation.model.parameters"), R"("{\"size\":256}")");
}

TEST(LlmHandlerUpdate, LetsExceptionsThroughAndTheRunGoOn) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  EXPECT_THROW(handler.update("run", [](Observation&) { throw std::runtime_error("broken"); }),
               std::runtime_error);
  handler.on_llm_end("run", "Because.");

  EXPECT_EQ(output_of(capture.only_span()), "Because.");
}

TEST(LlmHandlerUpdate, MayMakeEventsOfOtherRunsButNotOfItsOwn) {
  Capture capture;
  LlmHandler handler;
  handler.on_chain_start("run", "chain", "");
  handler.update("run", [&handler](Observation&) {
    handler.on_chain_end("run", "never");
    handler.on_tool_start("child", "tool", "", "run");
    handler.on_tool_end("child");
  });
  EXPECT_EQ(handler.stats().ignored, 1u);
  EXPECT_EQ(handler.stats().open, 1u);
  handler.on_chain_end("run", "once");

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(named(spans, "tool").parent_span_id, named(spans, "chain").span_id);
  EXPECT_EQ(output_of(named(spans, "chain")), "once");
}

TEST(LlmHandlerUpdate, LosesNoEventOfAnotherThread) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  std::promise<void> is_calling;
  std::thread other;
  handler.update("run", [&](Observation& run) {
    other = std::thread([&] {
      is_calling.set_value();
      handler.on_llm_new_token("run", "Because.");
    });
    is_calling.get_future().wait();
    run.set_metadata("k", 1);
  });
  other.join();
  handler.on_llm_end("run");

  EXPECT_EQ(output_of(capture.only_span()), "Because.");
  EXPECT_EQ(handler.stats().ignored, 0u);
}

// An event inside a value that is being encoded, which the library may not be locked for.
struct AsksForStats {
  const LlmHandler* handler;
  std::uint64_t* open;
};

}  // namespace
}  // namespace langfuse::internal

template <>
struct langfuse::AsJson<langfuse::internal::AsksForStats> {
  static void write(const langfuse::internal::AsksForStats& value, langfuse::JsonText& out) {
    *value.open = value.handler->stats().open;
    out.append("true");
  }
};

namespace langfuse::internal {
namespace {

TEST(LlmHandler, HoldsNoLockWhileAValueIsEncoded) {
  Capture capture;
  LlmHandler handler;
  std::uint64_t open = 0;
  handler.on_tool_start("run", "tool", AsksForStats{&handler, &open});

  EXPECT_EQ(open, 1u);
}

TEST(LlmHandlerThreads, StartARunOnce) {
  constexpr int threads = 8;
  constexpr int runs = 200;
  Capture capture;
  LlmHandler handler;
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&handler] {
      for (int run = 0; run < runs; ++run) {
        handler.on_llm_start(std::to_string(run), "model", "Why?");
      }
    });
  }
  for (std::thread& thread : all) thread.join();

  EXPECT_EQ(handler.stats().open, static_cast<std::uint64_t>(runs));
  EXPECT_EQ(handler.stats().ignored, static_cast<std::uint64_t>(runs * (threads - 1)));
}

TEST(LlmHandlerThreads, FeedOneRunTogether) {
  constexpr int threads = 4;
  constexpr int tokens = 500;
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&handler, i] {
      for (int token = 0; token < tokens; ++token) handler.on_llm_new_token("run", "x");
      handler.update("run", [i](Observation& run) { run.set_metadata(std::to_string(i), i); });
    });
  }
  for (std::thread& thread : all) thread.join();
  handler.on_llm_end("run");

  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(output_of(span), std::string(threads * tokens, 'x'));
  for (int i = 0; i < threads; ++i) {
    EXPECT_EQ(span.count("langfuse.observation.metadata." + std::to_string(i)), 1);
  }
}

// Runs begin on one thread, get their tokens on a second and end on a third, while others flush:
// each is delivered once, with its output.
TEST(LlmHandlerThreads, LoseNothingWhileOthersFlush) {
  constexpr int runs = 1000;
  constexpr int lanes = 3;
  Capture capture;
  LlmHandler handler(LlmHandlerOptions().set_hold_finished(7));
  std::atomic<bool> is_over{false};
  std::thread flusher([&] {
    while (!is_over.load()) EXPECT_TRUE(handler.flush(std::chrono::seconds(60)).ok());
  });
  std::vector<std::thread> all;
  for (int lane = 0; lane < lanes; ++lane) {
    all.emplace_back([&handler, lane] {
      for (int i = 0; i < runs; ++i) {
        const std::string id = std::to_string(lane) + "/" + std::to_string(i);
        handler.on_chain_start(id, "chain", i);
        std::thread([&] { handler.on_llm_new_token(id, "token"); }).join();
        if (i % 2 == 0) {
          handler.on_chain_end(id);
        } else {
          handler.on_llm_end(id, {}, LlmUsage::follows());
        }
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  is_over = true;
  flusher.join();

  int complete = 0;
  const std::vector<DecodedSpan> spans = capture.spans();
  for (const DecodedSpan& span : spans) complete += output_of(span) == "token" ? 1 : 0;
  EXPECT_EQ(spans.size(), std::size_t{lanes} * runs);
  EXPECT_EQ(complete, lanes * runs);
  EXPECT_EQ(handler.stats().ended, std::uint64_t{lanes} * runs);
  EXPECT_EQ(handler.stats().ignored, 0u);
}

TEST(LlmHandlerThreads, MayFlushWhileHandlersComeAndGo) {
  Capture capture;
  std::atomic<bool> is_over{false};
  std::thread flusher([&] {
    while (!is_over.load()) EXPECT_TRUE(langfuse::flush(std::chrono::seconds(60)).ok());
  });
  constexpr int handlers = 300;
  for (int i = 0; i < handlers; ++i) {
    LlmHandler handler;
    handler.on_llm_start("run", "model", "Why?");
    handler.on_llm_end("run", "Because.", LlmUsage::follows());
  }
  is_over = true;
  flusher.join();

  EXPECT_EQ(capture.spans().size(), std::size_t{handlers});
}

}  // namespace
}  // namespace langfuse::internal
