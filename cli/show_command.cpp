#include "cli/show_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "cli/server_settings.h"
#include "cli/trace_tree.h"

namespace langfuse_cli {
namespace {

using langfuse_receiver::Json;

// By trace, the oldest first; within a trace in the order of time. The API answers newest first.
std::vector<std::vector<Json>> by_trace(std::vector<Json> observations) {
  std::reverse(observations.begin(), observations.end());
  std::vector<std::vector<Json>> traces;
  std::map<std::string, std::size_t> index;
  for (Json& observation : observations) {
    const std::string id = observation.value("traceId", std::string{});
    const auto [place, is_new] = index.emplace(id, traces.size());
    if (is_new) {
      traces.emplace_back();
    }
    traces[place->second].push_back(std::move(observation));
  }
  return traces;
}

}  // namespace

int run_show(const ShowOptions& options) {
  const ApiReader api = reader_of(options.url);
  std::string trace_id = options.trace_id;
  if (trace_id.empty() && !options.all) {
    trace_id = api.newest_trace_id();
    if (trace_id.empty()) {
      std::fprintf(stderr, "langfuse: no trace has arrived yet\n");
      return 1;
    }
  }
  const std::vector<Json> observations = api.observations(trace_id, trace_fields);
  if (observations.empty() && !trace_id.empty()) {
    std::fprintf(stderr, "langfuse: there is no trace %s\n", trace_id.c_str());
    return 1;
  }
  if (observations.empty() && !options.json) {
    std::fprintf(stderr, "langfuse: no trace has arrived yet\n");
    return 1;
  }
  if (options.json) {
    std::printf("%s\n", langfuse_receiver::to_text(observations).c_str());
    return 0;
  }
  const Palette palette = Palette::for_descriptor(STDOUT_FILENO);
  bool first = true;
  for (const std::vector<Json>& trace : by_trace(observations)) {
    const std::string drawing = draw_trace(trace, palette, terminal_width(STDOUT_FILENO));
    std::printf("%s%s", first ? "" : "\n", drawing.c_str());
    first = false;
  }
  return 0;
}

}  // namespace langfuse_cli
