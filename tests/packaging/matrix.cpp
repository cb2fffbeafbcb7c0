// A consumer that uses what is in headers: each compiler, standard and switch of a consumer
// compiles and links it.
#include <langfuse/json.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_logger.h>
#include <langfuse/tracing/llm_handler.h>
#include <langfuse/tracing/observe.h>
#include <langfuse/tracing/wrap.h>
#include <spdlog/spdlog.h>
#if defined(__cpp_impl_coroutine)
#include <langfuse/coroutine.h>
#endif

#include <cstdio>
#include <string>
#include <vector>

namespace {

int half_of(int number) {
  return number / 2;
}

}  // namespace

int main() {
  langfuse::init();
  const auto logger = langfuse::attach(langfuse::langfuse_logger_mt("matrix"));
  auto step = langfuse::observe("step");
  step.set_input("question")
      .set_metadata("attempt", 2)
      .set_metadata("share", 0.5F)
      .set_metadata("is_last", true);
  step.set_output(nlohmann::json{{"answer", 42}, {"notes", std::vector<std::string>{"a", "b"}}});
  logger->info("{} of {}", half_of(84), step.trace_id().hex().c_str());
  std::puts(langfuse::enabled() ? "on" : "off");
  return 0;
}
