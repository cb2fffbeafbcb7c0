// What the library costs: the caller's side of a log line and of a scope, and the whole way to a
// server.
//
// Times of the hot path are taken over bursts, with the queue drained outside the timed part, so
// that the work of the flusher thread on the other core is not part of them. `./dev bench` turns
// the output into a table; the counters are its columns.
#include <benchmark/benchmark.h>
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/spdlog_attach.h>
#include <langfuse/sinks/spdlog_sink.h>
#include <langfuse/tracing/observe.h>
#include <langfuse/tracing/propagation.h>
#include <langfuse/tracing/start_observation.h>
#include <langfuse/tracing/wrap.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "benchmarks/discard_server.h"
#include "benchmarks/five_attributes.h"
#include "pipeline/client.h"
#include "pipeline/settings/settings.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/null_transport.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int burst = 256;

langfuse::internal::Settings settings() {
  langfuse::Config config;
  config.public_key = "pk-lf-bench";
  config.secret_key = "sk-lf-bench";
  config.base_url = "http://127.0.0.1:9";
  config.service_name = "bench";
  return langfuse::internal::resolve(config).settings;
}

// A client that delivers to nowhere, for as long as the object lives.
struct Nowhere {
  Nowhere() {
    const langfuse::Error error = langfuse::internal::Client::start(
        settings(), std::make_unique<langfuse::internal::NullTransport>(), nullptr);
    if (error) throw std::runtime_error(error.message);
  }
  ~Nowhere() { langfuse::shutdown(); }
};

std::shared_ptr<spdlog::logger> null_logger() {
  return std::make_shared<spdlog::logger>("bench", std::make_shared<spdlog::sinks::null_sink_mt>());
}

// Runs bursts of `operation` and reports time and allocations of one.
template <class Operation>
void measure(benchmark::State& state, const Operation& operation) {
  for (int i = 0; i < burst; ++i) operation();  // slots, pools and pages
  langfuse::flush();
  std::uint64_t allocations = 0;
  for (auto iteration : state) {
    const std::uint64_t before = langfuse::testing::thread_allocations();
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < burst; ++i) operation();
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
    allocations += langfuse::testing::thread_allocations() - before;
    langfuse::flush();
  }
  const auto operations = static_cast<double>(state.iterations()) * burst;
  state.SetItemsProcessed(state.iterations() * burst);
  state.counters["allocations"] = static_cast<double>(allocations) / operations;
}

void log_line(spdlog::logger& logger) {
  logger.info("request {} for {} took {:.2f} ms", 4711, "orders", 12.25);
}

void log_to_null_sink(benchmark::State& state) {
  // Only so that the bursts are interrupted by the same flushes as below.
  const Nowhere client;
  const auto logger = null_logger();
  measure(state, [&] { log_line(*logger); });
}
BENCHMARK(log_to_null_sink)->UseManualTime();

void log_to_null_and_langfuse_sink(benchmark::State& state) {
  const Nowhere client;
  const auto logger = null_logger();
  logger->sinks().push_back(std::make_shared<langfuse::SpdlogSink>());
  const auto scope = langfuse::observe("bench");
  measure(state, [&] { log_line(*logger); });
}
BENCHMARK(log_to_null_and_langfuse_sink)->UseManualTime();

// What replaces the sink above where a logger is attached.
void log_to_attached_null_logger(benchmark::State& state) {
  const Nowhere client;
  const auto original = null_logger();
  const auto logger = langfuse::attach(original);
  const auto scope = langfuse::observe("bench");
  measure(state, [&] { log_line(*logger); });
  langfuse::detach(original);
}
BENCHMARK(log_to_attached_null_logger)->UseManualTime();

void four_attributes() {
  auto scope = langfuse::observe("retrieve", langfuse::ObservationType::retriever);
  scope.set_input("which orders are late?")
      .set_output("three of them")
      .set_metadata("documents", 3);
  scope.set_metadata("score", 0.75);
}

void scope_with_four_attributes(benchmark::State& state) {
  const Nowhere client;
  measure(state, four_attributes);
}
BENCHMARK(scope_with_four_attributes)->UseManualTime();

void scope_inside_five_propagated_attributes(benchmark::State& state) {
  const Nowhere client;
  const auto propagation = langfuse::propagate_attributes(langfuse_bench::five_attributes());
  measure(state, four_attributes);
}
BENCHMARK(scope_inside_five_propagated_attributes)->UseManualTime();

// Opening and closing, which encodes them.
void propagation_of_five_attributes(benchmark::State& state) {
  const Nowhere client;
  measure(state, [] {
    const auto scope = langfuse::propagate_attributes(langfuse_bench::five_attributes());
  });
}
BENCHMARK(propagation_of_five_attributes)->UseManualTime();

void scope_when_nothing_is_configured(benchmark::State& state) {
  langfuse::internal::Client::forget();
  measure(state, four_attributes);
}
BENCHMARK(scope_when_nothing_is_configured)->UseManualTime();

int plain_function(int a, const std::string& text) {
  benchmark::DoNotOptimize(a);
  return a + static_cast<int>(text.size());
}

void call_of_a_plain_function(benchmark::State& state) {
  const std::string text = "which orders are late?";
  measure(state, [&] { benchmark::DoNotOptimize(plain_function(1, text)); });
}
BENCHMARK(call_of_a_plain_function)->UseManualTime();

void call_of_a_wrapped_function(benchmark::State& state, langfuse::IoCapture capture) {
  const Nowhere client;
  const std::string text = "which orders are late?";
  const auto wrapped = langfuse::observe_fn(
      langfuse::WrapOptions("wrapped").set_capture_input(capture).set_capture_output(capture),
      plain_function);
  measure(state, [&] { benchmark::DoNotOptimize(wrapped(1, text)); });
}
BENCHMARK_CAPTURE(call_of_a_wrapped_function, plain, langfuse::IoCapture::no)->UseManualTime();
BENCHMARK_CAPTURE(call_of_a_wrapped_function, captured, langfuse::IoCapture::yes)->UseManualTime();

// One token of a long answer.
void token_of_a_stream(benchmark::State& state) {
  const Nowhere client;
  auto call = langfuse::start_observation("chat");
  measure(state, [&] { call.on_token(" token"); });
}
BENCHMARK(token_of_a_stream)->UseManualTime();

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Spans from one thread through queue, flusher and libcurl to a server that reads and drops. The
// process's CPU includes the server's, so that the figure is an upper bound.
void end_to_end(benchmark::State& state, langfuse::Compression compression) {
  constexpr int records = 200'000;
  langfuse_bench::DiscardServer server;
  langfuse::Config config;
  config.public_key = "pk-lf-bench";
  config.secret_key = "sk-lf-bench";
  config.base_url = server.url();
  config.flush_at = 4096;
  config.queue_max_records = 1'000'000;
  config.queue_max_bytes = std::size_t{1} << 30;
  config.compression = compression;
  if (const langfuse::Error error = langfuse::init(config)) throw std::runtime_error(error.message);
  std::uint64_t delivered = 0;
  double cpu = 0;
  for (auto iteration : state) {
    const double cpu_before = cpu_seconds();
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < records; ++i) four_attributes();
    delivered += langfuse::flush(std::chrono::seconds{60}).delivered;
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
    cpu += cpu_seconds() - cpu_before;
  }
  langfuse::shutdown();
  if (delivered != static_cast<std::uint64_t>(state.iterations()) * records) {
    state.SkipWithError("not every record was delivered");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(delivered));
  state.counters["cpu_us_per_record"] = cpu * 1e6 / static_cast<double>(delivered);
  state.counters["records_per_cpu_second"] = static_cast<double>(delivered) / cpu;
}
BENCHMARK_CAPTURE(end_to_end, plain, langfuse::Compression::none)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(end_to_end, gzip, langfuse::Compression::gzip)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
