// JSON as the receiver needs it: parsing that cannot exhaust the stack, and writing that cannot
// throw. Used by every file of the receiver that reads or writes JSON; it knows nothing of spans.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "receiver/base/json_value.h"

namespace langfuse_receiver {

// The document, or an empty optional if `text` is not JSON or is nested deeper than
// `max_json_depth`. `error`, if given, receives a sentence for the client. What JavaScript's
// `JSON.parse` takes is taken: see `JsonParser`. All texts in the document are UTF-8.
std::optional<Json> parse_json(std::string_view text, std::string* error = nullptr);

// Compact JSON. Bytes that are not UTF-8 are written as U+FFFD; never throws for them. Numbers that
// are not finite are written as null.
std::string to_text(const Json& value);

}  // namespace langfuse_receiver
