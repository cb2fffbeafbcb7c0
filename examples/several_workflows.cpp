// Several workflows and one flush at the end. Each run is a trace of its own. All of them share the
// queue and the connection, and the program waits for the network once. A failed run is an
// observation with an error, and the next runs go on.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/observe.h"

namespace {

std::string summarise(const std::string& document) {
  auto workflow = langfuse::observe("summarise", langfuse::ObservationType::chain);
  workflow.set_input(document);
  std::string summary = document.substr(0, document.find('.') + 1);
  workflow.set_output(summary);
  return summary;
}

std::string translate(const std::string& document) {
  auto workflow = langfuse::observe("translate", langfuse::ObservationType::chain);
  workflow.set_input(document);
  if (document.empty()) throw std::invalid_argument("there is nothing to translate");
  std::string translation = "(in Danish) " + document;
  workflow.set_output(translation);
  return translation;
}

// The program itself. It knows nothing of flushing.
int run_all(const std::vector<std::string>& documents) {
  int failures = 0;
  for (const std::string& document : documents) {
    try {
      std::printf("%s\n", summarise(document).c_str());
      std::printf("%s\n", translate(document).c_str());
    } catch (const std::exception& error) {
      std::printf("failed: %s\n", error.what());
      ++failures;
    }
  }
  return failures;
}

}  // namespace

int main() {
  langfuse::init();
  run_all(
      {"Ada wrote the first program. It was never run.", "", "Grace found a moth. It was dead."});

  // Not after each workflow: the next one need not wait for the network.
  const langfuse::FlushResult result = langfuse::flush();
  std::printf("delivered %llu, pending %llu\n", static_cast<unsigned long long>(result.delivered),
              static_cast<unsigned long long>(result.pending));
  return result.ok() ? 0 : 1;
}
