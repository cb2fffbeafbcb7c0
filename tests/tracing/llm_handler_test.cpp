#include "langfuse/tracing/llm_handler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "langfuse/json.h"
#include "model/clock.h"
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

TEST(LlmHandler, SaysTheTypeOfAnException) {
  Capture capture;
  LlmHandler handler;
  const std::runtime_error exception("no route");
  handler.on_chain_start("1", "chain", "");
  handler.on_tool_start("2", "tool", "", "1");
  handler.on_retriever_start("3", "retriever", "", "2");
  handler.on_llm_start("4", "model", "", "3");
  handler.on_llm_error("4", exception);
  handler.on_retriever_error("3", exception);
  handler.on_tool_error("2", exception);
  handler.on_chain_error("1", exception);

  const std::vector<DecodedSpan> spans = capture.spans();
  ASSERT_EQ(spans.size(), 4u);
  for (const DecodedSpan& span : spans) {
    EXPECT_EQ(level_of(span), "ERROR") << span.name;
    EXPECT_EQ(span.text("langfuse.observation.status_message"), "std::runtime_error: no route");
  }
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
  EXPECT_EQ(capture.client().stats().submitted, 0u);
  EXPECT_EQ(handler.stats().held, 1u);
  handler.on_llm_new_token("run", "use.");

  handler.on_llm_usage("run", {{"output", 2}});

  EXPECT_EQ(capture.client().stats().submitted, 1u);
  EXPECT_EQ(handler.stats().held, 0u);
  const DecodedSpan span = capture.only_span();
  EXPECT_EQ(output_of(span), "Because.");
  EXPECT_EQ(span.attribute("langfuse.observation.usage_details"), R"("{\"output\":2}")");
}

TEST(LlmHandler, EndsARunWhenItSaysSoAndNotWhenItsUsageComes) {
  Capture capture;
  LlmHandler handler;
  const std::int64_t before_start = steady_now_ns();
  handler.on_llm_start("run", "model", "Why?");
  const std::int64_t after_start = steady_now_ns();
  handler.on_llm_end("run", {}, LlmUsage::follows());
  const std::int64_t longest = steady_now_ns() - before_start;
  // Until then, microseconds, a run that ended with its usage could pass for one that did not.
  while (steady_now_ns() - after_start <= longest) continue;

  handler.on_llm_usage("run", {{"output", 2}});

  const DecodedSpan span = capture.only_span();
  EXPECT_LE(span.end_unix_nano - span.start_unix_nano, static_cast<std::uint64_t>(longest));
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

}  // namespace
}  // namespace langfuse::internal
