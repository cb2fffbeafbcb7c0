// Runs of an `LlmHandler` that do not go as they should, and those of many threads.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "langfuse/tracing/llm_handler.h"
#include "model/diagnostics.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

std::string output_of(const DecodedSpan& span) {
  return span.text("langfuse.observation.output");
}
std::string level_of(const DecodedSpan& span) {
  return span.text("langfuse.observation.level");
}

class LlmRunsMisuse : public ::testing::Test {
 protected:
  LlmRunsMisuse() {
    DiagnosticsOptions options;
    options.on_error = [this](const Diagnostic& diagnostic) {
      said_.emplace_back(diagnostic.message);
    };
    configure_diagnostics(std::move(options));
  }
  ~LlmRunsMisuse() override { configure_diagnostics({}); }

  Capture capture_;
  std::vector<std::string> said_;
};

TEST_F(LlmRunsMisuse, IgnoresEventsOfUnknownRuns) {
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

TEST_F(LlmRunsMisuse, IsNamedByDebugDiagnostics) {
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

TEST_F(LlmRunsMisuse, IgnoresASecondStart) {
  LlmHandler handler;
  handler.on_tool_start("run", "first", "1");
  handler.on_llm_start("run", "second", "2");
  EXPECT_EQ(handler.stats().ignored, 1u);
  handler.on_tool_end("run");

  const DecodedSpan span = capture_.only_span();
  EXPECT_EQ(span.name, "first");
  EXPECT_EQ(span.text("langfuse.observation.input"), "1");
}

TEST_F(LlmRunsMisuse, IgnoresASecondEnd) {
  LlmHandler handler;
  handler.on_tool_start("run", "tool", "");
  handler.on_tool_end("run", "first");
  handler.on_tool_end("run", "second");
  EXPECT_EQ(handler.stats().ignored, 1u);

  EXPECT_EQ(output_of(capture_.only_span()), "first");
}

TEST_F(LlmRunsMisuse, StartsBelowTheCurrentObservationWhenTheParentIsUnknown) {
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

TEST_F(LlmRunsMisuse, EndsTheOldestRunWhenTooManyAreOpen) {
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
  for (const std::size_t i : {0u, 1u}) {
    EXPECT_EQ(spans[i].name, std::to_string(i + 1));
    EXPECT_EQ(level_of(spans[i]), "WARNING");
    EXPECT_EQ(spans[i].text("langfuse.observation.status_message"),
              "ended by its handler: too many runs were open");
  }
  EXPECT_EQ(level_of(spans[2]), "DEFAULT");
}

TEST_F(LlmRunsMisuse, CompletesARunThatWaitsForUsageWhenTooManyAreOpen) {
  LlmHandler handler(LlmHandlerOptions().set_max_open_runs(1));
  handler.on_llm_start("1", "first", "Why?");
  handler.on_llm_end("1", "Because.", LlmUsage::follows());
  handler.on_llm_start("2", "second", "Why?");

  const DecodedSpan span = capture_.only_span();
  EXPECT_EQ(span.name, "first");
  EXPECT_EQ(level_of(span), "DEFAULT");
  EXPECT_EQ(handler.stats().pushed, 0u);
}

TEST(LlmRunsUpdate, SetsWhateverAnObservationCanSay) {
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

TEST(LlmRunsUpdate, LetsExceptionsThroughAndTheRunGoOn) {
  Capture capture;
  LlmHandler handler;
  handler.on_llm_start("run", "model", "Why?");
  EXPECT_THROW(handler.update("run", [](Observation&) { throw std::runtime_error("broken"); }),
               std::runtime_error);
  handler.on_llm_end("run", "Because.");

  EXPECT_EQ(output_of(capture.only_span()), "Because.");
}

TEST(LlmRunsUpdate, MayMakeEventsOfOtherRunsButNotOfItsOwn) {
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
  EXPECT_EQ(spans[0].parent_span_id, spans[1].span_id);
  EXPECT_EQ(output_of(spans[1]), "once");
}

TEST(LlmRunsUpdate, LosesNoEventOfAnotherThread) {
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

TEST(LlmRunsUpdate, HoldsNoLockWhileAValueIsEncoded) {
  Capture capture;
  LlmHandler handler;
  std::uint64_t open = 0;
  handler.on_tool_start("run", "tool", AsksForStats{&handler, &open});

  EXPECT_EQ(open, 1u);
}

TEST(LlmRunsThreads, StartARunOnce) {
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

TEST(LlmRunsThreads, FeedOneRunTogether) {
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
TEST(LlmRunsThreads, LoseNothingWhileOthersFlush) {
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

TEST(LlmRunsThreads, MayFlushWhileHandlersComeAndGo) {
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