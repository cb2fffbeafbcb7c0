// The smallest workflow: one step, one log line, flushed before the program ends.
#include <spdlog/spdlog.h>

#include <cstdio>
#include <string>

#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/tracing/observe.h"

namespace {

std::string greet(const std::string& name) {
  auto step = langfuse::observe();  // named "greet"; ends with the function
  step.set_input(name);
  spdlog::info("greeting {}", name);
  std::string greeting = "Hello, " + name + "!";
  step.set_output(greeting);
  return greeting;
}

}  // namespace

int main() {
  langfuse::init();  // LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY, LANGFUSE_BASE_URL
  langfuse::attach(spdlog::default_logger());
  const std::string greeting = langfuse::run_with_flush([] { return greet("world"); });
  std::printf("%s\n", greeting.c_str());
}
