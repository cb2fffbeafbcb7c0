// Flushing without waiting: opt-in, because `<future>` is a heavy header.
//
// Records are sent without any flush; this is for who wants to know when, or whether. The future
// may be thrown away: unlike that of `std::async`, its destructor does not wait.
#pragma once

#include <future>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// `flush()` on a thread of its own. The result is there when everything submitted before the call
// is settled, or its time is over. Without memory or a thread for it the result is `pending`, at
// once. Any thread; throws only when there is no memory even for the future.
LANGFUSE_API std::future<FlushResult> flush_async();
LANGFUSE_API std::future<FlushResult> flush_async(Timeout timeout);

// `shutdown()` in the same way.
LANGFUSE_API std::future<FlushResult> shutdown_async();
LANGFUSE_API std::future<FlushResult> shutdown_async(Timeout timeout);

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/flush_async_stubs.h"
#endif
