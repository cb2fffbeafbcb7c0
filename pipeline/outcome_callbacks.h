// The user's callbacks about records: `Config::on_batch` and `Config::on_drop`.
//
// Called by the flusher, on its thread. That is a thread of the library, so log lines of the
// callbacks are ignored, and a flush in them does not wait.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "exporter/exporter.h"
#include "langfuse/config.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class OutcomeCallbacks {
 public:
  using OnBatch = std::function<void(const BatchReport&)>;
  using OnDrop = std::function<void(DropReason, std::uint64_t)>;

  // Either may be empty.
  OutcomeCallbacks(OnBatch on_batch, OnDrop on_drop)
      : on_batch_(std::move(on_batch)), on_drop_(std::move(on_drop)) {}

  void tell_batches(const std::vector<Settlement>& settled) noexcept;
  // Calls `on_drop` for each reason with new drops. `total`: all drops since the start.
  void tell_drops(const DropCounts& total) noexcept;

 private:
  template <class Function>
  void call(const Function& function) noexcept;

  const OnBatch on_batch_;
  const OnDrop on_drop_;
  DropCounts told_;
  bool has_thrown_ = false;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
