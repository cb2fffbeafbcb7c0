// Logs 2 000 lines through a sink in an asynchronous logger and ends; see spdlog_exit_test.cpp.
// Arguments: when the sink is made, how many threads the pool has, how the program ends.
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_attach.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <spdlog/async.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void log_lines() {
  const auto logger = spdlog::get("app");
  for (int line = 0; line < 2000; ++line) logger->info("line {}", line);
}

void make_logger(const std::string& threads) {
  spdlog::init_thread_pool(8192, std::stoul(threads));
  spdlog::create_async<langfuse::SpdlogSink>("app");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 99;
  const std::string made = arguments[1];
  const std::string threads = arguments[2];
  const std::string end = arguments[3];
  if (made == "before-init") make_logger(threads);
  if (made == "between") spdlog::default_logger();  // the registry only
  langfuse::init();
  if (made == "attached") {
    spdlog::init_thread_pool(8192, std::stoul(threads));
    langfuse::attach(spdlog::create_async<spdlog::sinks::null_sink_mt>("app"));
  } else if (made != "before-init") {
    make_logger(threads);
  }

  if (end == "run-with-flush") {
    langfuse::run_with_flush(log_lines);
    _exit(2);  // past every exit hook
  }
  log_lines();
  if (end == "return") return 0;
  if (end == "exit") std::exit(3);
  if (end == "flush") {
    const langfuse::FlushResult result = langfuse::flush();
    std::printf("%llu\n", static_cast<unsigned long long>(result.delivered));
    std::fflush(stdout);
    _exit(4);
  }
  if (end == "spdlog-shutdown") {
    spdlog::shutdown();
    return 5;
  }
  if (end == "spdlog-shutdown-first") {
    spdlog::shutdown();
    langfuse::shutdown();
    return 6;
  }
  if (end == "spdlog-shutdown-last") {
    langfuse::shutdown();
    spdlog::shutdown();
    return 7;
  }
  std::fprintf(stderr, "no such end: %s\n", end.c_str());
  return 99;
}
