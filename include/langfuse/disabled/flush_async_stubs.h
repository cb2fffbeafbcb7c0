// `flush_async.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/flush_async.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline std::future<FlushResult> flush_async() {
  std::promise<FlushResult> promise;
  promise.set_value({});
  return promise.get_future();
}
inline std::future<FlushResult> flush_async(Timeout) {
  return flush_async();
}
inline std::future<FlushResult> shutdown_async() {
  return flush_async();
}
inline std::future<FlushResult> shutdown_async(Timeout) {
  return flush_async();
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
