// Flushing without waiting. Opt-in, because `<future>` is a heavy header.
//
// Records are sent without any flush; the future only reports when, and with what result. It may be
// discarded: unlike that of `std::async`, its destructor does not wait.
#pragma once

#include <future>

#include "langfuse/langfuse.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// Runs `flush()` on a thread of its own. The future has the result when each record submitted
// before the call is delivered or dropped, or when the time is over. Without memory or a thread for
// it, the result is `pending` at once. Any thread; throws only when there is no memory for the
// future.
LANGFUSE_API std::future<FlushResult> flush_async();
LANGFUSE_API std::future<FlushResult> flush_async(Timeout timeout);

// Runs `shutdown()` on a thread of its own. The future has its result when it returns. Without
// memory or a thread for it, the result is `pending` at once, and nothing is shut down. Any thread;
// throws only when there is no memory for the future.
LANGFUSE_API std::future<FlushResult> shutdown_async();
LANGFUSE_API std::future<FlushResult> shutdown_async(Timeout timeout);

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/flush_async_stubs.h"
#endif
