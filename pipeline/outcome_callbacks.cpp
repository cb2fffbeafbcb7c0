#include "pipeline/outcome_callbacks.h"

#include <utility>

#include "model/diagnostics.h"
#include "model/forks.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

void OutcomeCallbacks::tell_batches(const std::vector<Settlement>& settled) noexcept {
  if (!on_batch_) return;
  for (const Settlement& settlement : settled) {
    BatchReport batch;
    batch.records = settlement.records;
    batch.is_delivered = settlement.is_delivered;
    batch.dropped_as = settlement.reason;
    batch.status = settlement.status;
    batch.sent_bytes = settlement.sent_bytes;
    batch.duration = settlement.duration;
    call([this, &batch] { on_batch_(batch); });
  }
}

void OutcomeCallbacks::tell_drops(const DropCounts& total) noexcept {
  if (!on_drop_) return;
  for (int i = 0; i < drop_reason_count; ++i) {
    const std::uint64_t told = std::exchange(told_.counts[i], total.counts[i]);
    if (total.counts[i] == told) continue;
    call([this, i, more = total.counts[i] - told] { on_drop_(static_cast<DropReason>(i), more); });
  }
}

template <class Function>
void OutcomeCallbacks::call(const Function& function) noexcept {
  const ForksWait forks_wait;
  try {
    function();
  } catch (...) {
    // Whatever it is: it must not end the thread that sends.
    if (std::exchange(has_thrown_, true)) return;
    report(Diagnostic::Severity::warning,
           "on_batch or on_drop threw an exception, which is ignored, as later ones will be");
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
