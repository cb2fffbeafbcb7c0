#include "cli/commands/show_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/drawing/arrivals.h"
#include "cli/drawing/observation_text.h"
#include "cli/drawing/trace_tree.h"
#include "cli/program/command_line.h"
#include "cli/program/value_checks.h"
#include "cli/server/server_settings.h"
#include "receiver/base/iso_time.h"

namespace langfuse_cli {
namespace {

using langfuse_receiver::Json;

struct ShowOptions {
  std::string trace_id;  // empty: the one that started an observation last
  bool all = false;
  bool last = false;  // without `follow` the default
  bool json = false;
  bool follow = false;
  double interval_seconds = 0;  // between two looks while following; 0: 1 on this machine, else 5
  std::string url;              // empty: LANGFUSE_BASE_URL, else the local receiver's default
};

constexpr const char* show_help =
    "Reads from the server in LANGFUSE_BASE_URL, and from the local receiver if that is not set.\n"
    "Needs Langfuse 4 or newer. --follow misses observations that took more than ten minutes,\n"
    "unless it follows one trace.\n"
    "\n"
    "Examples:\n"
    "  langfuse-cpp show                         the newest trace\n"
    "  langfuse-cpp show 7d1f0c52a9be4e0d8a36c1f2b4e5d607\n"
    "  langfuse-cpp show --all --json | jq '.[].name'\n"
    "  langfuse-cpp show --follow                every observation and log line as it arrives\n"
    "  langfuse-cpp show --follow | grep -i error\n"
    "  langfuse-cpp show --url https://cloud.langfuse.com";

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
  // A server has milliseconds, and no order of what falls into one.
  for (std::vector<Json>& trace : traces) {
    std::stable_sort(trace.begin(), trace.end(), [](const Json& one, const Json& other) {
      return start_of(one) < start_of(other);
    });
    order_lines(trace, start_of);
  }
  return traces;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// What is not looked at but searched, by `grep` for instance, is not cut.
std::size_t line_width(int descriptor) {
  return ::isatty(descriptor) == 1 ? terminal_width(descriptor) : std::string::npos;
}

// What JSON lets through and a terminal may take for a command, U+007F to U+009F, is escaped.
std::string json_line(const Json& json) {
  const std::string text = langfuse_receiver::to_text(json);
  std::string line;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_two_bytes = text[at] == '\xC2' && at + 1 < text.size() && text[at + 1] < '\xA0';
    if (text[at] == '\x7F') {
      line += "\\u007f";
    } else if (is_two_bytes) {
      constexpr const char* digits = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(text[++at]);
      line += std::string("\\u00") + digits[code >> 4U] + digits[code & 0xFU];
    } else {
      line += text[at];
    }
  }
  return line + "\n";
}

// Prints what arrives, as `tail -f` does, until a signal ends the process. At first the last ten,
// or all of the trace.
[[noreturn]] void follow(const ApiReader& api, const ShowOptions& options,
                         const std::string& trace_id) {
  constexpr std::size_t first_shown = 10;
  const auto interval =
      std::chrono::duration<double>(options.interval_seconds > 0 ? options.interval_seconds
                                    : api.is_on_this_machine()   ? 1
                                                                 : 5);
  const Palette palette = Palette::for_descriptor(STDOUT_FILENO);
  Arrivals arrivals(!trace_id.empty());
  bool is_first = true;
  bool is_away = false;
  while (true) {
    auto pause = interval;
    try {
      std::vector<Json> fresh = arrivals.take_new(api.observations(
          trace_id, shown_fields, arrivals.next_from(langfuse_receiver::now_unix_nano())));
      if (is_away) {
        std::fprintf(stderr, "langfuse-cpp: %s answers again\n", api.origin().c_str());
      }
      if (is_first && trace_id.empty() && fresh.size() > first_shown) {
        fresh.erase(fresh.begin(), fresh.end() - first_shown);
      }
      for (const Json& observation : fresh) {
        const std::string line =
            options.json ? json_line(observation)
                         : draw_arrival(observation, palette, line_width(STDOUT_FILENO));
        std::fputs(line.c_str(), stdout);
      }
      if (std::fflush(stdout) != 0) {
        throw CommandError(output_lost);
      }
      is_away = is_first = false;
    } catch (const ServerAway& problem) {
      if (is_first) {
        throw;
      }
      if (!is_away) {
        std::fprintf(stderr, "langfuse-cpp: %s; trying again\n",
                     first_line(problem.what()).c_str());
      }
      is_away = true;
      pause = std::max(pause, std::chrono::duration<double>(problem.retry_after_seconds()));
    }
    std::this_thread::sleep_for(pause);
  }
}

int run_show(const ShowOptions& options) {
  const ApiReader api = reader_of(options.url);
  std::string trace_id = options.trace_id;
  if (trace_id.empty() && !options.all && (options.last || !options.follow)) {
    trace_id = api.newest_trace_id();
    if (trace_id.empty()) {
      std::fprintf(stderr, "langfuse-cpp: no trace has arrived yet\n");
      return 1;
    }
  }
  if (options.follow) {
    follow(api, options, trace_id);
  }
  const std::vector<Json> observations = api.observations(trace_id, shown_fields);
  if (observations.empty() && !trace_id.empty()) {
    std::fprintf(stderr, "langfuse-cpp: there is no trace %s\n", trace_id.c_str());
    return 1;
  }
  if (observations.empty() && !options.json) {
    std::fprintf(stderr, "langfuse-cpp: no trace has arrived yet\n");
    return 1;
  }
  if (options.json) {
    std::fputs(json_line(observations).c_str(), stdout);
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

}  // namespace

void add_show(CommandLine& program) {
  const auto options = std::make_shared<ShowOptions>();
  Command show =
      program.add("show", "draw traces in the terminal", [options] { return run_show(*options); });
  const DeclaredOption trace = show.option("trace", options->trace_id, "id of the trace to draw");
  const DeclaredOption last =
      show.flag("--last", options->last, "the newest trace (the default)").excludes(trace);
  show.flag("--all", options->all, "all traces, the oldest first").excludes(trace).excludes(last);
  show.flag("--json", options->json, "print the observations as JSON; with --follow, one a line");
  const DeclaredOption follow =
      show.flag("--follow,-f", options->follow,
                "print what arrives until Ctrl-C; of one trace if it is named");
  show.option("--interval", options->interval_seconds,
              "seconds between two requests (default: 1 on this machine, else 5)")
      .value("SECONDS")
      .check(complaint_about_seconds)
      .needs(follow);
  show.option("--url", options->url, "address of the server").value("URL");
  show.help(show_help);
}

}  // namespace langfuse_cli
