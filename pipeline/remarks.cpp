#include "pipeline/remarks.h"

#include <atomic>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::atomic<RemarkSource> remark_source{nullptr};

}  // namespace

void set_remark_source(RemarkSource source) noexcept {
  remark_source.store(source, std::memory_order_release);
}

Remark current_remark() {
  const RemarkSource source = remark_source.load(std::memory_order_acquire);
  return source == nullptr ? Remark() : source();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
