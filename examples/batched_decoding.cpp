// One thread decodes for many requests at once, as an inference server does: each request has a
// generation of its own, and none of them is the current one of the thread.
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/start_observation.h"

namespace {

using langfuse::ObservationOptions;
using langfuse::ObservationType;
using langfuse::usage_kind::input;
using langfuse::usage_kind::output;

struct Request {
  std::string name;
  std::vector<std::string_view> answer;  // the model's answer, token by token
  std::size_t decoded = 0;
  langfuse::Observation generation;
};

// Each request has a trace of its own.
Request accept(const std::string& name, std::vector<std::string_view> answer) {
  Request request{name, std::move(answer), 0, {}};
  request.generation = langfuse::start_observation(
      "decode",
      ObservationOptions()
          .set_type(ObservationType::generation)
          .set_trace_id(langfuse::create_trace_id(name)));  // the name gives the id
  request.generation.set_model("example-model").set_input(name).set_prompt("greeting", 1);
  return request;
}

// Every request in the batch gets its next token. A finished request leaves the batch.
void decode_step(std::vector<Request>& batch) {
  for (Request& request : batch) {
    request.generation.on_token(request.answer[request.decoded++]);
  }
  for (std::size_t i = batch.size(); i-- > 0;) {
    Request& request = batch[i];
    if (request.decoded < request.answer.size()) continue;
    request.generation.set_usage_details({{input, 1}, {output, request.generation.token_count()}});
    request.generation.set_metadata("tokens_per_second", request.generation.tokens_per_second());
    request.generation.end();  // its output is the tokens together
    std::printf("%s: %zu tokens\n", request.name.c_str(), request.decoded);
    batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace

int main() {
  langfuse::init();
  langfuse::run_with_flush([] {
    std::vector<Request> batch;
    batch.push_back(accept("request-1", {"Good", " morning", "."}));
    batch.push_back(accept("request-2", {"Hello"}));
    // Tokens may end inside a character.
    batch.push_back(accept("request-3", {"Gr\xC3", "\xBC\xC3\x9F", " Gott"}));
    while (!batch.empty()) decode_step(batch);
  });
}
