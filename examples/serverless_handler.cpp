// A function on a serverless platform. It flushes before it returns, because the platform may then
// freeze or end the process without notice. Between events, the process keeps its connection.
//
// Here `main` is the platform: an event is a line of standard input, and the process ends without
// exit hooks.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

#include "langfuse/config.h"
#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/tracing/observe.h"

namespace {

std::string handle_event(const std::string& event) {
  auto step = langfuse::observe("handle_event", langfuse::ObservationType::chain);
  step.set_input(event);
  if (event.empty()) throw std::invalid_argument("the event is empty");
  spdlog::info("an event of {} bytes", event.size());
  std::string result = "handled " + event;
  step.set_output(result);
  return result;
}

// The entry point for the platform, which gets the result or the exception of the event. The flush
// takes up to `flush_timeout`.
std::string entry_point(const std::string& event) {
  return langfuse::run_with_flush(handle_event, event);
}

}  // namespace

int main() {
  spdlog::set_default_logger(spdlog::stderr_color_mt("function"));
  langfuse::Config config;
  config.flush_timeout = std::chrono::seconds{2};  // the platform bills for the time
  config.exit_hook = false;                        // it would never run
  langfuse::init(config);
  langfuse::attach(spdlog::default_logger());

  std::string event;
  while (std::getline(std::cin, event)) {
    try {
      std::printf("%s\n", entry_point(event).c_str());
    } catch (const std::exception& error) {
      std::printf("error: %s\n", error.what());
    }
    std::fflush(stdout);
  }
  std::_Exit(0);
}
