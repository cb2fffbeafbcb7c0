// What spans say in other vocabularies than Langfuse's own: OpenTelemetry's `gen_ai.*`,
// OpenInference's `llm.*` and the plain `input.value`. Consulted only where the `langfuse.*`
// attribute is absent. The common families are read; those of single vendors are not.

#pragma once

#include <string>

#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// GENERATION, TOOL, …; empty if the attributes say nothing about the type.
std::string foreign_type(const Attributes& attributes);

// Empty if there is none.
std::string foreign_model(const Attributes& attributes);

// An object, empty if there is nothing.
Json foreign_model_parameters(const Attributes& attributes);
Json foreign_usage(const Attributes& attributes);
Json foreign_cost(const Attributes& attributes);

// The first family with either side set gives both. Keys that were read are in `used_keys`.
struct ForeignInputOutput {
  Json input;
  Json output;
  std::vector<std::string> used_keys;
};
ForeignInputOutput foreign_input_output(const ReceivedSpan& span);

}  // namespace langfuse_receiver
