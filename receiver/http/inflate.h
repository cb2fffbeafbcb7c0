// Decompression of request bodies with a limit on the result.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace langfuse_receiver {

enum class InflateResult { ok, invalid, too_large };

// Inflates the gzip data `compressed` into `text`. `invalid`: not gzip, damaged or cut off, with
// the reason in `error`. `too_large`: the result would have more than `limit` bytes; no more than
// that is ever held.
InflateResult inflate_gzip(std::string_view compressed, std::size_t limit, std::string& text,
                           std::string& error);

}  // namespace langfuse_receiver
