// spdlog alone in the scenarios of `scenarios.h`: what a line costs to its own sinks.
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "benchmarks/scenarios/scenarios.h"

namespace langfuse_bench {
namespace {

std::shared_ptr<spdlog::logger> logger;

class Spdlog {
 public:
  static constexpr int most_undrained = 4096;  // half of what the queue of its thread takes

  explicit Spdlog(const Run& run) {
    auto null_sink = std::make_shared<spdlog::sinks::null_sink_mt>();
    if (run.operation == "null_line") {
      logger = std::make_shared<spdlog::logger>("bench", null_sink);
    } else if (run.operation == "file_line") {
      const std::string path = "spdlog_scenarios." + std::to_string(getpid()) + ".log";
      logger = std::make_shared<spdlog::logger>(
          "bench", std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
      unlink(path.c_str());  // gone with the program
    } else {
      spdlog::init_thread_pool(2 * most_undrained, 1);
      logger = std::make_shared<spdlog::async_logger>("bench", null_sink, spdlog::thread_pool());
    }
  }
  ~Spdlog() {
    logger = nullptr;
    spdlog::shutdown();
  }
  Spdlog(const Spdlog&) = delete;
  Spdlog& operator=(const Spdlog&) = delete;

  static std::uint64_t allocations() { return 0; }

  void drain() {
    logger->flush();
    while (spdlog::thread_pool() != nullptr && spdlog::thread_pool()->queue_size() > 0) {
      std::this_thread::yield();
    }
  }
};

template <class Use>
bool with_operation(std::string_view name, const Use& use) {
  if (name != "null_line" && name != "file_line" && name != "async_line") return false;
  use(Operation{[] { logger->info("request {} for {} took {:.2f} ms", 4711, "orders", 12.25); },
                nothing});
  return true;
}

}  // namespace
}  // namespace langfuse_bench

int main(int argc, char** argv) {
  return langfuse_bench::run_program<langfuse_bench::Spdlog>(
      argc, argv, [](std::string_view name, const auto& use) {
        return langfuse_bench::with_operation(name, use);
      });
}
