// JSON and UTF-8 as the receiver needs them: parsing that cannot exhaust the stack, writing that
// cannot throw, and repair of text that a client sent broken. Used by every file of the receiver
// that reads or writes JSON; it knows nothing of spans.

#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace langfuse_receiver {

// Objects keep the order in which they were sent, so that what a person reads back looks like what
// the program wrote.
using Json = nlohmann::ordered_json;

// Deeper documents are refused: nlohmann writes recursively, and a megabyte of `[` would end the
// process. OTLP itself needs some fifteen levels.
inline constexpr int max_json_depth = 128;

// The document, or an empty optional if `text` is not JSON or is nested deeper than
// `max_json_depth`. `error`, if given, receives a sentence for the client.
std::optional<Json> parse_json(std::string_view text, std::string* error = nullptr);

// Compact JSON. Bytes that are not UTF-8 are written as U+FFFD; never throws for them.
std::string to_text(const Json& value);

// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD, surrogates and
// overlong forms included.
std::string repair_utf8(std::string_view text);

// The first `limit` bytes of `text`, cut between two characters.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

}  // namespace langfuse_receiver
