// A trace that goes on in another process. The parent passes its place in the trace to a child
// through the environment, in the form of W3C Trace Context. The child's work appears below it.
#include <spawn.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/propagation.h"

extern char** environ;

namespace {

// The worker, in a process of its own: this program with the argument `worker`.
int work() {
  const langfuse::ContextScope parent(langfuse::environment_context());
  auto step = langfuse::observe("work", langfuse::ObservationType::tool);
  step.set_output("worked");
  std::printf("worked\n");
  return 0;
}

// Starts the worker and waits for it; returns its wait status, or -1.
int run_worker(const std::string& program) {
  auto step = langfuse::observe();
  const langfuse::Context here = langfuse::current_context();
  const std::string trace_parent =
      std::string("TRACEPARENT=") + langfuse::traceparent(here).c_str();
  const std::string baggage = "BAGGAGE=" + langfuse::baggage(here);

  // Our environment, after the variables for the child: of two with one name, the first counts.
  std::vector<char*> environment = {const_cast<char*>(trace_parent.c_str()),
                                    const_cast<char*>(baggage.c_str())};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.push_back(*variable);
  }
  environment.push_back(nullptr);
  std::string argument = "worker";
  char* const arguments[] = {const_cast<char*>(program.c_str()), argument.data(), nullptr};

  pid_t child = -1;
  int status = -1;
  if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environment.data()) != 0 ||
      waitpid(child, &status, 0) != child) {
    step.set_level(langfuse::Level::error).set_status_message("the worker did not start");
    return -1;
  }
  return status;
}

}  // namespace

int main(int count, char** arguments) {
  langfuse::init();
  if (count > 1 && std::string(arguments[1]) == "worker") return langfuse::run_with_flush(work);

  // Attributes leave a process only as baggage.
  const auto who = langfuse::propagate_attributes(
      langfuse::PropagatedAttributes().set_session_id("night-shift").set_as_baggage());
  const int status = langfuse::run_with_flush(run_worker, arguments[0]);
  return status == 0 ? 0 : 1;
}
