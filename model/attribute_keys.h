// Every attribute key that we write, each once.
//
// Keys and the values they take are the server's, dictated by Langfuse's
// `OtelIngestionProcessor.ts` and `attributes.ts`; the same constants are in `constants.ts` of the
// JavaScript SDK.
#pragma once

#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace keys {

// Of an observation: `OtelIngestionProcessor.ts`, `processToEvent`.
constexpr std::string_view type = "langfuse.observation.type";
constexpr std::string_view level = "langfuse.observation.level";
constexpr std::string_view status_message = "langfuse.observation.status_message";
constexpr std::string_view input = "langfuse.observation.input";
constexpr std::string_view output = "langfuse.observation.output";
// A prefix: the rest is the user's key, dots included. The whole-object form of this attribute is
// never written: the server drops it when it is not a JSON object.
constexpr std::string_view metadata_prefix = "langfuse.observation.metadata.";

// The metadata of a log line: ours, after the fields of logging libraries.
constexpr std::string_view line_logger = "langfuse.observation.metadata.logger";
constexpr std::string_view line_file = "langfuse.observation.metadata.file";
constexpr std::string_view line_number = "langfuse.observation.metadata.line";
constexpr std::string_view line_function = "langfuse.observation.metadata.function";
constexpr std::string_view line_thread = "langfuse.observation.metadata.thread";
constexpr std::string_view line_sequence = "langfuse.observation.metadata.sequence";
constexpr std::string_view line_context = "langfuse.observation.metadata.context";

// Of a generation or embedding: the same function. The last three hold JSON objects as text.
constexpr std::string_view model_name = "langfuse.observation.model.name";
constexpr std::string_view model_parameters = "langfuse.observation.model.parameters";
constexpr std::string_view usage_details = "langfuse.observation.usage_details";
constexpr std::string_view cost_details = "langfuse.observation.cost_details";

// Of a trace, carried by each of its spans, because the server keeps no record of a trace:
// `attributes.ts`.
constexpr std::string_view trace_name = "langfuse.trace.name";
constexpr std::string_view version = "langfuse.version";
constexpr std::string_view environment = "langfuse.environment";
constexpr std::string_view release = "langfuse.release";

// Marks the first span of a process in its trace, so that it counts as a root even below a remote
// parent: `span_processor.py` and `span-processor.ts` of the SDKs.
constexpr std::string_view is_app_root = "langfuse.internal.is_app_root";

// Of the resource: OpenTelemetry's semantic conventions, read by the server's resource columns.
constexpr std::string_view service_name = "service.name";
constexpr std::string_view sdk_language = "telemetry.sdk.language";
constexpr std::string_view sdk_name = "telemetry.sdk.name";
constexpr std::string_view sdk_version = "telemetry.sdk.version";

// Of the instrumentation scope: what the Python SDK sets, for processors between us and the server.
constexpr std::string_view scope_public_key = "public_key";

}  // namespace keys

// The scope name that both SDKs use. The server copies the attributes of any other scope into the
// metadata of every observation once more.
constexpr std::string_view scope_name = "langfuse-sdk";

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
