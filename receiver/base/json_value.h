// The type of a JSON document.

#pragma once

#include <nlohmann/json.hpp>

#include "receiver/base/ordered_object.h"

namespace langfuse_receiver {

// Objects keep the order in which they were sent, so that what a person reads back looks like what
// the program wrote. Adding to an object takes time in the logarithm of its size, also where a
// client decides how large it is.
using Json = nlohmann::basic_json<OrderedObject>;

// Deeper documents are refused: nlohmann writes recursively, and a megabyte of `[` would end the
// process. OTLP itself needs some fifteen levels.
inline constexpr int max_json_depth = 128;

}  // namespace langfuse_receiver
