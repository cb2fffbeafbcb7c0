// A function on a serverless platform: it flushes before it returns, because afterwards the
// platform may freeze or end the process without a word. The process lives on between events and
// keeps its connection.
//
// The platform is played by `main`: an event is a line of standard input, and at the end the
// process is gone without exit hooks.
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

// The entry point that a platform calls. What the event gave goes back to the platform, also when
// it is an exception; it waits at most `flush_timeout` longer.
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
