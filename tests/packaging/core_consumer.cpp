// A program that uses the core alone and has no spdlog.
#include <langfuse/langfuse.h>
#include <langfuse/tracing/observe.h>

#include <cstdio>

int main() {
  langfuse::init();
  auto step = langfuse::observe("step");
  step.set_input("question");
  std::puts(langfuse::enabled() ? "on" : "off");
  return 0;
}
