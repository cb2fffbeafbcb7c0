// Forks with a sink in an asynchronous logger; see spdlog_fork_test.cpp. Its argument: what the
// child has.
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <langfuse/tracing/observe.h>
#include <spdlog/async.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <future>
#include <string>
#include <thread>

namespace {

constexpr unsigned longest_seconds = 120;

bool has_flushed() {
  return langfuse::flush().status == langfuse::FlushStatus::ok;
}

int run_child(const std::string& mode) {
  std::promise<void> is_over;
  std::thread other;
  if (mode == "a-thread") other = std::thread([&is_over] { is_over.get_future().wait(); });
  if (mode == "new-pool") {
    spdlog::init_thread_pool(8192, 2);
    const auto own = spdlog::create_async<langfuse::SpdlogSink>("own");
    for (int line = 0; line < 100; ++line) own->info("line {}", line);
  }
  auto step = langfuse::observe("child");
  spdlog::get("app")->info("lost");
  step.end();
  const bool is_well = has_flushed() && has_flushed();
  is_over.set_value();
  if (other.joinable()) other.join();
  return is_well ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 99;
  langfuse::init();
  spdlog::init_thread_pool(8192, 1);
  // A pool ends by waiting for its threads, which a child does not have: it must not end there.
  static const auto* const kept = new auto(spdlog::thread_pool());
  static_cast<void>(kept);
  const auto app = spdlog::create_async<langfuse::SpdlogSink>("app");
  app->info("parent");
  if (!has_flushed()) return 98;
  const pid_t child = fork();
  if (child == 0) {
    alarm(longest_seconds);
    std::exit(run_child(arguments[1]));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}
