// Compiled by tests, never run: without a macro it must compile, with any of them it must not. Each
// wrong line would end its observation before the next one, or say something else than it means.
#include <chrono>

#include "langfuse/tracing/current_observation.h"
#include "langfuse/tracing/start_observation.h"
#include "langfuse/tracing/wrap.h"

void wrong() {
#if defined(LANGFUSE_TEST_setter_on_temporary)
  langfuse::observe("x").set_input(1);
#elif defined(LANGFUSE_TEST_kept_from_temporary)
  auto observation = langfuse::observe("x").set_input(1);
#elif defined(LANGFUSE_TEST_reference_to_temporary)
  langfuse::Observation& observation = langfuse::observe("x").set_model("m");
#elif defined(LANGFUSE_TEST_time_of_another_clock)
  auto observation = langfuse::observe("x");
  observation.end(std::chrono::steady_clock::now());
#elif defined(LANGFUSE_TEST_prompt_version_in_text)
  auto observation = langfuse::observe("x");
  observation.set_prompt("greeting", "3");
#elif defined(LANGFUSE_TEST_usage_in_text)
  auto observation = langfuse::observe("x");
  observation.set_usage_details({{"input", "812"}});
#elif defined(LANGFUSE_TEST_end_of_the_current)
  langfuse::current_observation().end();
#elif defined(LANGFUSE_TEST_observation_from_the_current)
  langfuse::Observation observation = langfuse::current_observation();
#elif defined(LANGFUSE_TEST_capture_as_bool)
  langfuse::observed(langfuse::WrapOptions("x").set_capture_input("no"), [] {});
#elif defined(LANGFUSE_TEST_wrong_arguments)
  langfuse::observe_fn("x", [](int) {})("text");
#else
  auto observation = langfuse::observe("x");
  observation.set_input(1).set_model("m").set_prompt("greeting", 3);
  observation.set_usage_details({{"input", 812}});
  langfuse::current_observation().set_input(1);
  langfuse::observed(langfuse::WrapOptions("x").set_capture_input(langfuse::IoCapture::no), [] {});
  langfuse::observe_fn("x", [](int) {})(1);
  observation.end(std::chrono::system_clock::now());
#endif
}
