#include "cli/drawing/trace_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace {

using langfuse_cli::display_width;
using langfuse_cli::draw_trace;
using langfuse_cli::Palette;
using langfuse_receiver::Json;

Json observation(const std::string& id, const std::string& parent, const std::string& name,
                 const std::string& type, const std::string& start, double latency) {
  Json json = Json::object();
  json["id"] = id;
  json["traceId"] = "0af7651916cd43dd8448eb211c80319c";
  json["parentObservationId"] = parent.empty() ? Json{} : Json(parent);
  json["name"] = name;
  json["type"] = type;
  json["level"] = "DEFAULT";
  json["startTime"] = "2026-08-06T07:06:" + start + "Z";
  json["latency"] = latency;
  return json;
}

std::vector<Json> order_trace() {
  Json root = observation("r", "", "handle-order", "AGENT", "40.000", 2.0);
  root["traceName"] = "order";
  root["userId"] = "ada";
  Json call = observation("g", "r", "draft", "GENERATION", "40.500", 1.0);
  call["model"] = "qwen3-8b";
  call["usageDetails"] = {
      {"input", 180}, {"input_cached_tokens", 20}, {"output", 24}, {"total", 224}};
  call["totalCost"] = 0.00069;
  Json line = observation("l", "g", "log.warning", "EVENT", "41.000", 0);
  line["level"] = "WARNING";
  line["input"] = "carrier API slow";
  Json failed = observation("f", "r", "会議 send", "TOOL", "41.900", 0.005);
  failed["level"] = "ERROR";
  failed["statusMessage"] = "boom";
  return {root, call, line, failed};
}

TEST(TraceTree, ShowsEachObservationWithItsPlaceInTime) {
  EXPECT_EQ(
      draw_trace(order_trace(), Palette(false), 120),
      "order  0af7651916cd43dd8448eb211c80319c\n"
      "2026-08-06 07:06:40 UTC · 2.00 s · 3 observations · 1 log line · 224 tokens · $0.000690 · "
      "user ada  1 error\n"
      "\n"
      "handle-order                  agent       ━━━━━━━━━━━━━━━━━━━━━━━━   2.00 s\n"
      "├─ draft                      generation        ━━━━━━━━━━━━         1.00 s  qwen3-8b · "
      "200 → 24 tokens · $0.000690\n"
      "│  └─ warning  carrier API slow                                    +1.000 s\n"
      "└─ 会議 send [ERROR]          tool                               ━  5.00 ms  boom\n");
}

TEST(TraceTree, AnObservationThatEndsBeforeTheTraceBeginsIsAPoint) {
  std::vector<Json> trace = order_trace();
  trace[1]["latency"] = -9.0;

  EXPECT_NE(
      draw_trace(trace, Palette(false), 120)
          .find("├─ draft                      generation        ━                   -9.00 s"),
      std::string::npos)
      << draw_trace(trace, Palette(false), 120);
}

TEST(TraceTree, ObservationsWhoseParentIsMissingStandAtTheTop) {
  std::vector<Json> trace = order_trace();
  trace.erase(trace.begin());  // the root has not ended yet

  const std::string drawing = draw_trace(trace, Palette(false), 120);

  EXPECT_NE(drawing.find("\ndraft "), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("\n└─ warning  carrier"), std::string::npos) << drawing;
}

TEST(TraceTree, ARunningTraceHasTheTitleThatThePageGivesIt) {
  std::vector<Json> trace = order_trace();
  trace.erase(trace.begin());  // the root has not ended yet
  const auto heading = [&trace] {
    const std::string drawing = draw_trace(trace, Palette(false), 120);
    return drawing.substr(0, drawing.find('\n'));
  };
  const std::string id = "0af7651916cd43dd8448eb211c80319c";

  EXPECT_EQ(heading(), "(unnamed)  " + id + "  running");
  trace[0]["isRootObservation"] = true;
  EXPECT_EQ(heading(), "draft  " + id + "  running");
  trace[0]["traceName"] = "order";
  EXPECT_EQ(heading(), "order  " + id + "  running");
  trace[2]["traceName"] = "named later";
  EXPECT_EQ(heading(), "named later  " + id + "  running");
  trace[0]["parentObservationId"] = nullptr;
  EXPECT_EQ(heading(), "named later  " + id);
}

TEST(TraceTree, ATraceWithoutANameHasThatOfItsOldestRoot) {
  std::vector<Json> trace = order_trace();
  trace[0].erase("traceName");
  trace.push_back(observation("o", "", "other root", "SPAN", "40.001", 1));

  EXPECT_EQ(draw_trace(trace, Palette(false), 120).find("handle-order  0af765"), 0U);
}

TEST(TraceTree, LinesSayTheirTimeToTheMillisecond) {
  std::vector<Json> trace = order_trace();
  trace[0]["latency"] = 5000.0;
  trace[2]["startTime"] = "2026-08-06T08:06:40.007Z";
  Json early = trace[2];
  early["id"] = "e";
  early["startTime"] = "2026-08-06T07:06:40.003Z";
  trace.push_back(early);

  const std::string drawing = draw_trace(trace, Palette(false), 120);

  EXPECT_NE(drawing.find(" +3600.007 s\n"), std::string::npos) << drawing;
  EXPECT_NE(drawing.find(" +3 ms\n"), std::string::npos) << drawing;
  std::istringstream lines(drawing.substr(drawing.find("carrier")));
  std::string one;
  std::string other;
  ASSERT_TRUE(std::getline(lines, one));
  while (std::getline(lines, other) && other.find("carrier") == std::string::npos) {
  }
  EXPECT_EQ(display_width(one), display_width(other.substr(other.find("carrier")))) << drawing;
}

TEST(TraceTree, ParentsInACircleDoNotHang) {
  const std::vector<Json> circle{observation("a", "b", "one", "SPAN", "40.000", 1),
                                 observation("b", "a", "two", "SPAN", "40.000", 1)};

  const std::string drawing = draw_trace(circle, Palette(false), 120);

  EXPECT_NE(drawing.find("\none "), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("\n└─ two "), std::string::npos) << drawing;
}

TEST(TraceTree, InADeepTraceEveryNameIsReadableAndEveryLineFits) {
  std::vector<Json> chain;
  for (int i = 0; i < 3000; ++i) {
    chain.push_back(observation(std::to_string(i), i == 0 ? "" : std::to_string(i - 1), "step",
                                "SPAN", "40.000", 1));
  }

  const std::string drawing = draw_trace(chain, Palette(false), 80);

  EXPECT_EQ(std::count(drawing.begin(), drawing.end(), '\n'), 3003);
  std::istringstream lines(drawing.substr(drawing.find("\n\n") + 2));
  for (std::string line; std::getline(lines, line);) {
    ASSERT_NE(line.find("step "), std::string::npos) << line;
    ASSERT_LE(display_width(line), 80U) << line;
  }
}

}  // namespace
