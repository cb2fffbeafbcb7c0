// A plugin with every thread and every hook that the library has.
#include <langfuse/flush_async.h>
#include <langfuse/langfuse.h>
#include <langfuse/tracing/llm_handler.h>
#include <langfuse/tracing/observe.h>

#include <chrono>
#include <cstring>

// How it ends: "shutdown", "running", or "signal", with hooks that stay. 0 when all went well.
extern "C" int plugin_run(const char* mode) {
  if (langfuse::init()) return 10;
  if (std::strcmp(mode, "signal") == 0 && langfuse::install_exit_hooks()) return 11;
  {
    langfuse::LlmHandler handler;
    handler.on_chain_start("run", "chain", "in");
    handler.on_chain_end("run", "out");
    auto step = langfuse::observe("in the plugin");
    step.set_input("question");
  }
  if (std::strcmp(mode, "running") == 0) {
    langfuse::flush_async();  // of which nobody waits for the end
    return 0;
  }
  const langfuse::FlushResult result = langfuse::shutdown(std::chrono::seconds(60));
  return result.status == langfuse::FlushStatus::ok && result.delivered == 2 ? 0 : 12;
}
