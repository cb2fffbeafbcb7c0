// opentelemetry-cpp in the scenarios of `scenarios.h`: its batch processor with the defaults, and
// OTLP over HTTP as protobuf. The attributes are those that `langfuse_scenarios.cpp` sends.
#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/tracer_provider.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>
#include <opentelemetry/trace/noop.h>
#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/scope.h>

#include <memory>
#include <stdexcept>

#include "benchmarks/scenarios/scenarios.h"
#include "benchmarks/scenarios/texts.h"

namespace langfuse_bench {
namespace {

namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk::trace;
namespace trace = opentelemetry::trace;

// As a program holds it: looked up once.
opentelemetry::nostd::shared_ptr<trace::Tracer> tracer;

class OpenTelemetry {
 public:
  // Half of what its queue takes by default; what comes when that is full is dropped.
  static constexpr int most_undrained = 1024;

  explicit OpenTelemetry(const Run& run) {
    if (run.operation == "disabled_scope") {
      tracer = trace::Provider::GetTracerProvider()->GetTracer("bench");  // does nothing
      return;
    }
    otlp::OtlpHttpExporterOptions exporter;
    exporter.url = run.url + "/v1/traces";
    exporter.content_type = otlp::HttpRequestContentType::kBinary;
    sdk::BatchSpanProcessorOptions processor;
    if (run.holds_everything) {
      processor.max_queue_size = 1'000'000;
      processor.max_export_batch_size = 1'000'000;
      processor.schedule_delay_millis = std::chrono::hours{1};
    }
    provider_ = sdk::TracerProviderFactory::Create(sdk::BatchSpanProcessorFactory::Create(
        otlp::OtlpHttpExporterFactory::Create(exporter), processor));
    tracer = provider_->GetTracer("bench");
  }
  ~OpenTelemetry() { tracer = nullptr; }
  OpenTelemetry(const OpenTelemetry&) = delete;
  OpenTelemetry& operator=(const OpenTelemetry&) = delete;

  static std::uint64_t allocations() { return 0; }

  void drain() {
    if (provider_ != nullptr && !provider_->ForceFlush(std::chrono::seconds{60})) {
      throw std::runtime_error("not everything was delivered");
    }
  }

 private:
  std::unique_ptr<sdk::TracerProvider> provider_;
};

opentelemetry::nostd::string_view text(std::string_view value) {
  return {value.data(), value.size()};
}

void set_four(trace::Span& span, const Texts& texts) {
  span.SetAttribute("langfuse.observation.input", text(texts.input));
  span.SetAttribute("langfuse.observation.output", text(texts.output));
  span.SetAttribute("langfuse.observation.metadata.documents", 3);
  span.SetAttribute("langfuse.observation.metadata.score", 0.75);
}

// The span is the current one while it is open, as a scope of ours is.
void scope_4(const Texts& texts) {
  const auto span = tracer->StartSpan("retrieve");
  const trace::Scope scope(span);
  span->SetAttribute("langfuse.observation.type", "retriever");
  set_four(*span, texts);
  span->End();
}

// Langfuse reads usage, cost and parameters from JSON, which is ready here.
void scope_10(const Texts& texts) {
  const auto span = tracer->StartSpan("answer");
  const trace::Scope scope(span);
  span->SetAttribute("langfuse.observation.type", "generation");
  set_four(*span, texts);
  span->SetAttribute("langfuse.observation.metadata.tenant", "acme");
  span->SetAttribute("langfuse.observation.model.name", "gpt-4o-mini");
  span->SetAttribute("langfuse.observation.model.parameters", R"({"seed":7})");
  span->SetAttribute("langfuse.observation.usage_details", R"({"input":812,"output":96})");
  span->SetAttribute("langfuse.observation.cost_details", R"({"total":0.0003})");
  span->End();
}

template <class Use>
bool with_operation(std::string_view name, const Use& use) {
  if (name == "scope_4") {
    use(Operation{[] { scope_4(short_texts); }, nothing});
  } else if (name == "disabled_scope") {
    use(Operation{[] { tracer->StartSpan("retrieve")->End(); }, nothing});
  } else if (name == "scope_10") {
    use(Operation{[] { scope_10(short_texts); }, nothing});
  } else {
    return false;
  }
  return true;
}

}  // namespace
}  // namespace langfuse_bench

int main(int argc, char** argv) {
  return langfuse_bench::run_program<langfuse_bench::OpenTelemetry>(
      argc, argv, [](std::string_view name, const auto& use) {
        return langfuse_bench::with_operation(name, use);
      });
}
