// A program that already has a logger: one more sink, and its lines reach Langfuse as well. The
// logger, its other sinks, its pattern and all of its calls stay as they are.
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <iostream>
#include <memory>

#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_sink.h"
#include "langfuse/tracing/observe.h"

namespace {

// As it was before.
std::shared_ptr<spdlog::logger> make_logger() {
  auto console = std::make_shared<spdlog::sinks::ostream_sink_mt>(std::cout);
  console->set_pattern("[%l] %v");
  auto logger = std::make_shared<spdlog::logger>("warehouse", console);
  logger->set_level(spdlog::level::debug);
  return logger;
}

void pick(spdlog::logger& logger, int shelf) {
  auto step = langfuse::observe();  // lines until the end of the scope are its children
  step.set_input(shelf);
  logger.debug("walking to shelf {}", shelf);  // the sink takes `info` and above
  if (shelf == 13) logger.warn("shelf {} is empty", shelf);
  logger.info("picked from shelf {}", shelf);
}

}  // namespace

int main() {
  const std::shared_ptr<spdlog::logger> logger = make_logger();

  langfuse::init();
  logger->sinks().push_back(std::make_shared<langfuse::SpdlogSink>());

  langfuse::run_with_flush([&logger] {
    logger->info("the shift begins");  // outside any scope: sent as well
    pick(*logger, 7);
    pick(*logger, 13);
  });
}
