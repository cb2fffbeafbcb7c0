// Functions become a trace: one line at the top of each, and the values that are worth seeing.
#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/observe.h"

namespace {

using langfuse::ObservationType;

std::vector<std::string> retrieve(const std::string& question) {
  auto step = langfuse::observe(ObservationType::retriever);
  step.set_input(question);
  std::vector<std::string> passages = {"Oaks grow to 30 metres.", "The tallest oak has 42 metres."};
  step.set_output(passages.size());
  return passages;
}

std::string ask_model(const std::string& question, const std::vector<std::string>& passages) {
  auto call = langfuse::observe("chat", ObservationType::generation);  // a name of its own
  call.set_model("example-model").set_model_parameter("temperature", 0.2).set_input(question);
  if (passages.empty()) throw std::runtime_error("nothing to answer from");
  std::string text = passages.back();
  call.set_output(text).set_usage("input", 24).set_usage("output", 9).set_cost("total", 0.00002);
  return text;
}

// The calls inside become children by themselves.
std::string answer(const std::string& question) {
  auto step = langfuse::observe(ObservationType::chain);
  step.set_input(question).set_metadata("language", "en");
  std::string text = ask_model(question, retrieve(question));
  step.set_output(text);
  return text;
}

// An exception that leaves a function makes its observation an error.
void answer_from_nothing(const std::string& question) {
  auto step = langfuse::observe();
  step.set_input(question);
  ask_model(question, {});
}

}  // namespace

int main() {
  langfuse::init();
  langfuse::run_with_flush([] {
    std::printf("%s\n", answer("How tall is the tallest oak?").c_str());
    try {
      answer_from_nothing("How old is it?");
    } catch (const std::runtime_error& error) {
      std::printf("failed: %s\n", error.what());
    }
  });
}
