// Every attribute key that we write, each once.
//
// The server dictates keys and their values: Langfuse's `OtelIngestionProcessor.ts` and
// `attributes.ts`. The JavaScript SDK has the same constants in `constants.ts`.
#pragma once

#include <string_view>

#include "model/attribute_key.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace keys {

// Of an observation: `OtelIngestionProcessor.ts`, `processToEvent`.
constexpr AttributeKey type("langfuse.observation.type");
constexpr AttributeKey level("langfuse.observation.level");
constexpr AttributeKey status_message("langfuse.observation.status_message");
constexpr AttributeKey input("langfuse.observation.input", 1);
constexpr AttributeKey output("langfuse.observation.output", 2);
// A prefix; the user's key follows, dots included. The attribute without a key is never written,
// because the server drops it when it is not a JSON object.
constexpr AttributeKey metadata_prefix("langfuse.observation.metadata.");

// The library's own metadata of a log line.
constexpr AttributeKey line_logger("langfuse.observation.metadata.logger");
constexpr AttributeKey line_file("langfuse.observation.metadata.file");
constexpr AttributeKey line_number("langfuse.observation.metadata.line");
constexpr AttributeKey line_function("langfuse.observation.metadata.function");
constexpr AttributeKey line_thread("langfuse.observation.metadata.thread");
constexpr AttributeKey line_sequence("langfuse.observation.metadata.sequence");
constexpr AttributeKey line_context("langfuse.observation.metadata.context");
// For user's fields that have one of these names.
constexpr AttributeKey line_fields_prefix("langfuse.observation.metadata.fields.");
// The key of the metadata with the log lines that were put into an observation.
constexpr std::string_view line_log = "log";

// Of a generation or embedding (`processToEvent` too). Parameters, usage and cost are JSON objects
// as text.
constexpr AttributeKey model_name("langfuse.observation.model.name", 3);
constexpr AttributeKey model_parameters("langfuse.observation.model.parameters");
constexpr AttributeKey usage_details("langfuse.observation.usage_details");
constexpr AttributeKey cost_details("langfuse.observation.cost_details");
// ISO 8601 with a zone. Without a zone, some servers drop the observation.
constexpr AttributeKey completion_start_time("langfuse.observation.completion_start_time", 4);
// Both or neither, and the version an integer; otherwise some servers drop the observation.
constexpr AttributeKey prompt_name("langfuse.observation.prompt.name");
constexpr AttributeKey prompt_version("langfuse.observation.prompt.version");

// Of a trace, carried by each of its spans, because the server keeps no record of a trace:
// `attributes.ts`.
constexpr AttributeKey trace_name("langfuse.trace.name");
constexpr AttributeKey user_id("user.id");
constexpr AttributeKey session_id("session.id");
constexpr AttributeKey trace_tags("langfuse.trace.tags");
constexpr AttributeKey trace_metadata_prefix("langfuse.trace.metadata.");
constexpr AttributeKey trace_public("langfuse.trace.public");
constexpr AttributeKey version("langfuse.version");
constexpr AttributeKey environment("langfuse.environment");
constexpr AttributeKey release("langfuse.release");

// Marks the first span of a process in its trace, which then counts as a root even below a remote
// parent: `span_processor.py` and `span-processor.ts` of the SDKs.
constexpr ConstantAttribute is_app_root =
    ConstantAttribute::flag(AttributeKey("langfuse.internal.is_app_root"));

// Of the resource: OpenTelemetry's semantic conventions, read by the server's resource columns.
constexpr AttributeKey service_name("service.name");
constexpr AttributeKey sdk_language("telemetry.sdk.language");
constexpr AttributeKey sdk_name("telemetry.sdk.name");
constexpr AttributeKey sdk_version("telemetry.sdk.version");

// Of the instrumentation scope: what the Python SDK sets, for processors between us and the server.
constexpr AttributeKey scope_public_key("public_key");

}  // namespace keys

// The scope name that both SDKs use. The server copies the attributes of any other scope into the
// metadata of every observation once more.
constexpr std::string_view scope_name = "langfuse-sdk";

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
