// A program of somebody else's: a scope and a log line, with no Langfuse configured.
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <langfuse/tracing/observe.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>

int main() {
  langfuse::init();
  spdlog::logger logger("consumer", std::make_shared<langfuse::SpdlogSink>());
  {
    auto step = langfuse::observe("step");
    step.set_input("question");
    logger.info("a line");
  }
  const bool is_off = !langfuse::enabled() && !langfuse::why_disabled().empty();
  std::puts(is_off ? "off" : "on");
  return langfuse::flush().status == langfuse::FlushStatus::not_configured ? 0 : 1;
}
