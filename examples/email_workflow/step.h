// A step of the workflow as an observation: it is sent when it ends, with its exception if it has
// one.
#pragma once

#include <exception>
#include <string_view>

#include "langfuse/tracing/observe.h"

namespace email_workflow {

// Makes ended steps visible in Langfuse before the next one begins. It waits only once for a server
// that does not answer, not after each of a hundred steps.
void flush_step() noexcept;

// Calls `body(Observation&)` within an observation, and returns its result. An exception makes the
// observation an error with the exception's text, and is passed on to the caller.
template <class Body>
auto run_step(std::string_view name, langfuse::ObservationType type, Body&& body) {
  struct FlushStep {
    ~FlushStep() { flush_step(); }
  };
  const FlushStep flush_when_ended;  // declared before the observation, so destroyed after it
  auto step = langfuse::observe(name, type);
  try {
    return body(step);
  } catch (const std::exception& error) {
    step.set_level(langfuse::Level::error).set_status_message(error.what());
    throw;
  }
}

}  // namespace email_workflow
