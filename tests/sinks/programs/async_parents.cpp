// Logs from several threads in nested scopes through an asynchronous logger with two pool threads,
// and counts whose lines came out under the scope they were logged in. Arguments: `attach` or `raw`
// (a sink in the logger itself), the number of lines, and the least share of them, in percent, that
// must be right. A wrong parent is always a failure; a line may be marked instead.
#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/tracing/observe.h"
#include "tests/support/capture.h"

namespace {

using langfuse::internal::Capture;
using langfuse::internal::DecodedSpan;

constexpr int producers = 4;
constexpr int lines_a_round = 20'000;

struct Counts {
  long right = 0;
  long marked = 0;
  long wrong = 0;
};

// Lines say where they belong: the id of their scope, or `outside`.
void log_in_scopes(spdlog::logger& logger, int lines) {
  for (int line = 0; line < lines; line += 5) {
    auto outer = langfuse::observe("outer");
    logger.info("{}", outer.id().hex().c_str());
    {
      auto inner = langfuse::observe("inner");
      logger.info("{}", inner.id().hex().c_str());
      {
        auto innermost = langfuse::observe("innermost");
        logger.info("{}", innermost.id().hex().c_str());
      }
    }
    logger.info("{}", outer.id().hex().c_str());
    outer.end();
    logger.info("outside");
  }
}

void count(const std::vector<DecodedSpan>& spans, Counts& counts) {
  for (const DecodedSpan& span : spans) {
    if (span.name != "log.info") continue;
    const std::string expected = span.text("langfuse.observation.input");
    const bool is_outside = span.count("langfuse.trace.name") == 1;
    if (span.count("langfuse.observation.metadata.context") == 1) {
      ++counts.marked;
    } else if (expected == (is_outside ? "outside" : span.parent_span_id)) {
      ++counts.right;
    } else {
      ++counts.wrong;
    }
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 4) return 99;
  const bool is_attached = std::string(arguments[1]) == "attach";
  const long lines = std::atol(arguments[2]);
  const double least_percent = std::atof(arguments[3]);

  langfuse::internal::Settings settings = langfuse::internal::capture_settings();
  settings.queue_max_records = 10 * lines_a_round;
  settings.queue_max_bytes = std::size_t{1} << 30;
  Capture capture(settings);
  const auto pool = std::make_shared<spdlog::details::thread_pool>(8192, 2);
  std::shared_ptr<spdlog::logger> logger = std::make_shared<spdlog::async_logger>(
      "app", std::make_shared<spdlog::sinks::null_sink_mt>(), pool);
  if (is_attached) {
    logger = langfuse::attach(logger);
  } else {
    logger->sinks().push_back(std::make_shared<langfuse::SpdlogSink>());
    langfuse::SpdlogSink::watch(logger);
  }

  Counts counts;
  long logged = 0;
  while (logged < lines) {
    std::vector<std::thread> threads;
    for (int i = 0; i < producers; ++i) {
      threads.emplace_back([&logger] { log_in_scopes(*logger, lines_a_round / producers); });
    }
    for (std::thread& thread : threads) thread.join();
    logged += lines_a_round;
    langfuse::flush();
    count(capture.spans(), counts);
  }

  const double percent = 100.0 * static_cast<double>(counts.right) / static_cast<double>(logged);
  std::printf("%ld lines: %ld right (%.3f %%), %ld marked, %ld wrong\n", logged, counts.right,
              percent, counts.marked, counts.wrong);
  const bool is_complete = counts.right + counts.marked + counts.wrong == logged;
  return is_complete && counts.wrong == 0 && percent >= least_percent ? 0 : 1;
}
