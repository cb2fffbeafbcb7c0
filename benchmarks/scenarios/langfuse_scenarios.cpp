// This library in the scenarios of `scenarios.h`.
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_attach.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <langfuse/tracing/observe.h>
#include <langfuse/tracing/propagation.h>
#include <langfuse/tracing/score.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <stdexcept>

#include "benchmarks/five_attributes.h"
#include "benchmarks/scenarios/scenarios.h"
#include "benchmarks/scenarios/texts.h"
#include "tests/support/allocation_counter.h"

namespace langfuse_bench {
namespace {

class Langfuse {
 public:
  // Half of what the queue takes by default.
  static constexpr int most_undrained = 16'384;

  explicit Langfuse(const Run& run) {
    if (run.operation == "disabled_scope") return;  // nothing is configured
    langfuse::Config config;
    config.public_key = "pk-lf-bench";
    config.secret_key = "sk-lf-bench";
    config.base_url = run.url;
    config.service_name = "bench";
    if (run.is_compressed) config.compression = langfuse::Compression::gzip;
    if (run.holds_everything || run.scenario == "retained") {
      config.queue_max_records = 1'000'000;
      config.queue_max_bytes = std::size_t{1} << 30;
    }
    if (run.holds_everything) {
      config.flush_at = 1'000'000;
      config.flush_interval = std::chrono::hours{1};
      config.batch_max_bytes = std::size_t{1} << 30;
    }
    if (const langfuse::Error error = langfuse::init(config)) {
      throw std::runtime_error(error.message);
    }
    is_on_ = true;
  }
  ~Langfuse() { langfuse::shutdown(); }
  Langfuse(const Langfuse&) = delete;
  Langfuse& operator=(const Langfuse&) = delete;

  static std::uint64_t allocations() { return langfuse::testing::thread_allocations(); }

  void drain() {
    const langfuse::FlushResult result = langfuse::flush(std::chrono::seconds{60});
    if (is_on_ && (!result.ok() || result.dropped.total() > 0)) {
      throw std::runtime_error("not everything was delivered");
    }
  }

 private:
  bool is_on_ = false;
};

void scope_0() {
  const auto scope = langfuse::observe("retrieve", langfuse::ObservationType::retriever);
}

void set_four(langfuse::Observation& scope, const Texts& texts) {
  scope.set_input(texts.input).set_output(texts.output).set_metadata("documents", 3);
  scope.set_metadata("score", 0.75);
}

void scope_4(const Texts& texts) {
  auto scope = langfuse::observe("retrieve", langfuse::ObservationType::retriever);
  set_four(scope, texts);
}

void scope_10(const Texts& texts) {
  auto scope = langfuse::observe("answer", langfuse::ObservationType::generation);
  set_four(scope, texts);
  scope.set_metadata("tenant", "acme").set_model("gpt-4o-mini").set_model_parameter("seed", 7);
  scope.set_usage("input", 812).set_usage("output", 96).set_cost("total", 0.0003);
}

void log_line(spdlog::logger& logger) {
  logger.info("request {} for {} took {:.2f} ms", 4711, "orders", 12.25);
}

std::shared_ptr<spdlog::logger> null_logger() {
  return std::make_shared<spdlog::logger>("bench", std::make_shared<spdlog::sinks::null_sink_mt>());
}

// Lines of one scope, which stays open.
auto lines_to(const std::shared_ptr<spdlog::logger>& logger) {
  return Operation{[logger] { log_line(*logger); }, [] { return langfuse::observe("bench"); }};
}

void score() {
  langfuse::Score score("relevance", 0.92);
  score.session_id = "session-0815";
  langfuse::create_score(score);
}

template <class Use>
bool with_operation(std::string_view name, const Use& use) {
  if (name == "scope_0") {
    use(Operation{scope_0, nothing});
  } else if (name == "scope_4" || name == "disabled_scope") {
    use(Operation{[] { scope_4(short_texts); }, nothing});
  } else if (name == "scope_4_long") {
    use(Operation{[texts = long_texts()] { scope_4(texts); }, nothing});
  } else if (name == "scope_4_foreign") {
    use(Operation{[] { scope_4(foreign_texts); }, nothing});
  } else if (name == "scope_10") {
    use(Operation{[] { scope_10(short_texts); }, nothing});
  } else if (name == "scope_10_long") {
    use(Operation{[texts = long_texts()] { scope_10(texts); }, nothing});
  } else if (name == "scope_10_foreign") {
    use(Operation{[] { scope_10(foreign_texts); }, nothing});
  } else if (name == "line") {
    const auto logger = null_logger();
    logger->sinks().push_back(std::make_shared<langfuse::SpdlogSink>());
    use(lines_to(logger));
  } else if (name == "attached_line") {
    const auto original = null_logger();
    use(lines_to(langfuse::attach(original)));
    langfuse::detach(original);
  } else if (name == "propagated_scope") {
    use(Operation{[] { scope_4(short_texts); },
                  [] { return langfuse::propagate_attributes(five_attributes()); }});
  } else if (name == "score") {
    use(Operation{score, nothing});
  } else {
    return false;
  }
  return true;
}

}  // namespace
}  // namespace langfuse_bench

int main(int argc, char** argv) {
  return langfuse_bench::run_program<langfuse_bench::Langfuse>(
      argc, argv, [](std::string_view name, const auto& use) {
        return langfuse_bench::with_operation(name, use);
      });
}
