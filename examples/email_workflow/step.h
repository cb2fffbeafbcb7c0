// How a step of the workflow is observed: it is sent when it ends, and what it throws is told.
#pragma once

#include <exception>
#include <string_view>

#include "langfuse/tracing/observe.h"

namespace email_workflow {

// Makes what has ended visible in Langfuse before the next step begins. Waits for a server that
// does not answer once, not after each of a hundred steps.
void flush_step() noexcept;

// Calls `body(Observation&)` within an observation and gives back its result. An exception makes
// the observation an error with the exception's text, and goes on to the caller.
template <class Body>
auto run_step(std::string_view name, langfuse::ObservationType type, Body&& body) {
  struct FlushStep {
    ~FlushStep() { flush_step(); }
  };
  const FlushStep flush_when_ended;  // stands before the observation: destroyed after it
  auto step = langfuse::observe(name, type);
  try {
    return body(step);
  } catch (const std::exception& error) {
    step.set_level(langfuse::Level::error).set_status_message(error.what());
    throw;
  }
}

}  // namespace email_workflow
