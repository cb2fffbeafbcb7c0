// Compiled by tests, never run: without a macro it must compile, with any of them it must not. Each
// wrong line would end its observation before the next one.
#include "langfuse/tracing/observe.h"

void wrong() {
#if defined(LANGFUSE_TEST_setter_on_temporary)
  langfuse::observe("x").set_input(1);
#elif defined(LANGFUSE_TEST_kept_from_temporary)
  auto observation = langfuse::observe("x").set_input(1);
#elif defined(LANGFUSE_TEST_reference_to_temporary)
  langfuse::Observation& observation = langfuse::observe("x").set_model("m");
#else
  auto observation = langfuse::observe("x");
  observation.set_input(1).set_model("m");
#endif
}
