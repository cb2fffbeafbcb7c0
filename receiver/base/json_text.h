// JSON and UTF-8 as the receiver needs them: parsing that cannot exhaust the stack, writing that
// cannot throw, and repair of text that a client sent broken. Used by every file of the receiver
// that reads or writes JSON; it knows nothing of spans.

#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "receiver/base/ordered_object.h"

namespace langfuse_receiver {

// Objects keep the order in which they were sent, so that what a person reads back looks like what
// the program wrote. Adding to an object takes time in the logarithm of its size, also where a
// client decides how large it is.
using Json = nlohmann::basic_json<OrderedObject>;

// Deeper documents are refused: nlohmann writes recursively, and a megabyte of `[` would end the
// process. OTLP itself needs some fifteen levels.
inline constexpr int max_json_depth = 128;

// The document, or an empty optional if `text` is not JSON or is nested deeper than
// `max_json_depth`. `error`, if given, receives a sentence for the client. What JavaScript's
// `JSON.parse` takes is taken: see `JsonParser`. All texts in the document are UTF-8.
std::optional<Json> parse_json(std::string_view text, std::string* error = nullptr);

// Compact JSON. Bytes that are not UTF-8 are written as U+FFFD; never throws for them. Numbers that
// are not finite are written as null.
std::string to_text(const Json& value);

// `text` with U+FFFD for what is not well-formed UTF-8, surrogates and overlong forms included: one
// for the beginning of a character that was cut, and one for each other byte, as JavaScript decodes
// a body.
std::string repair_utf8(std::string_view text);

// The first `limit` bytes of `text`, cut between two characters.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

}  // namespace langfuse_receiver
