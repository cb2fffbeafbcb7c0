#include "langfuse/tracing/llm_handler.h"

#include <chrono>
#include <memory>
#include <new>
#include <utility>

#include "model/clock.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/llm_runs.h"

namespace langfuse {
inline namespace v0_1 {

using internal::Client;
using internal::LlmRuns;
using internal::SteadyTime;

LlmHandler::LlmHandler(const LlmHandlerOptions& options) noexcept {
  try {
    auto owned = std::make_unique<LlmRuns>(options);
    LlmRuns* const runs = owned.get();
    FlushSource source([owned = std::move(owned)](std::int64_t timeout) {
      owned->submit_held(internal::saturating_add(std::chrono::steady_clock::now(),
                                                  std::chrono::nanoseconds(timeout)));
    });
    flush_source_ = register_flush_source(options.name, std::move(source));
    if (flush_source_ != 0) runs_ = runs;
  } catch (const std::bad_alloc&) {
    flush_source_ = 0;
  }
  if (flush_source_ == 0) {
    internal::report(Diagnostic::Severity::warning, "no memory for an LLM handler");
  }
}

LlmHandler::~LlmHandler() {
  if (runs_ == nullptr) return;
  runs_->close();
  unregister_flush_source(flush_source_);
}

// Also false when nothing is configured, so that events then cost no lock.
bool LlmHandler::has_runs() const noexcept {
  return Client::current() != nullptr && runs_ != nullptr;
}

void LlmHandler::start(std::string_view run_id, ObservationType type, std::string_view name,
                       const internal::Value& input, std::string_view parent_run_id) noexcept {
  Client* const client = Client::current();
  if (client == nullptr || runs_ == nullptr) return;
  try {
    runs_->start(run_id, type, name, parent_run_id, [&](Observation& run) {
      if (type == ObservationType::generation) run.set_model(name);
      run.set_input(input);
    });
  } catch (const std::bad_alloc&) {
    client->counters().dropped.add(DropReason::out_of_memory);
  }
}

void LlmHandler::on_llm_new_token(std::string_view run_id, std::string_view text) noexcept {
  if (has_runs()) runs_->add_token(run_id, text);
}

void LlmHandler::on_llm_end(std::string_view run_id, std::optional<internal::Value> output,
                            LlmUsage usage) noexcept {
  if (!has_runs()) return;
  const auto step = usage.follows_ ? LlmRuns::Step::wait : LlmRuns::Step::end;
  runs_->apply(run_id, step, [&](Observation& run) {
    if (output.has_value()) run.set_output(*output);
    usage.set_on(run);
  });
}

void LlmHandler::on_llm_usage(std::string_view run_id, LlmUsage usage) noexcept {
  if (!has_runs()) return;
  const auto step = usage.follows_ ? LlmRuns::Step::stay : LlmRuns::Step::complete;
  runs_->apply(run_id, step, [&](Observation& run) { usage.set_on(run); });
}

void LlmHandler::fail(std::string_view run_id, std::string_view what) noexcept {
  end_run(run_id, [&](Observation& run) {
    run.set_level(Level::error);
    if (!what.empty()) run.set_status_message(what);
  });
}

void LlmHandler::end_run(std::string_view run_id, internal::RunSetter set_values) noexcept {
  if (has_runs()) runs_->apply(run_id, LlmRuns::Step::end, set_values);
}

bool LlmHandler::update_run(std::string_view run_id, internal::RunSetter set_values) {
  return has_runs() && runs_->apply(run_id, LlmRuns::Step::stay, set_values);
}

FlushResult LlmHandler::flush() noexcept {
  // Here too, and not only as a source, so that no other source that hangs can hold it up.
  if (runs_ != nullptr) runs_->submit_held(SteadyTime::min());
  return langfuse::flush();
}

FlushResult LlmHandler::flush(Timeout timeout) noexcept {
  if (runs_ != nullptr) runs_->submit_held(SteadyTime::min());
  return langfuse::flush(timeout);
}

LlmHandlerStats LlmHandler::stats() const noexcept {
  return runs_ == nullptr ? LlmHandlerStats() : runs_->stats();
}

}  // namespace v0_1
}  // namespace langfuse
