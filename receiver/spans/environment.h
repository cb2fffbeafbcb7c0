// The environment that an observation belongs to.

#pragma once

#include <string>
#include <string_view>

#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// The environment as sent, by the span or its resource; empty if none was.
std::string given_environment(const ReceivedSpan& span);

// Lower case, without leading `langfuse`, at most 40 characters of `a-z0-9-_`; else "default".
std::string normalize_environment(std::string_view environment);

}  // namespace langfuse_receiver
