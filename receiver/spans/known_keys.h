// The attribute keys of Langfuse's own vocabulary, for the linter: what begins with `langfuse.` and
// is not among them is read by no server and lost. Source: langfuse
// `packages/shared/src/server/otel/attributes.ts` and `OtelIngestionProcessor.ts`, v4.16.0.

#pragma once

#include <string>
#include <string_view>

namespace langfuse_receiver {

// True for every key that a server reads, and for those of other vocabularies.
bool is_known_key(std::string_view key);

// What the writer of the unknown `key` may have meant, as advice to a person.
std::string key_advice(std::string_view key);

// True for keys that belong to the trace, and are read from spans only.
bool is_trace_key(std::string_view key);

// True if `key` names a piece of metadata that the server writes itself.
bool is_reserved_metadata(std::string_view key);

}  // namespace langfuse_receiver
