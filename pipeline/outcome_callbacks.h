// The user's callbacks about records: `Config::on_batch` and `Config::on_drop`.
//
// The flusher's. What the callbacks do there is harmless: its thread is the library's, so what they
// log is ignored and a flush does not wait.
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
  // `total`: since the start, of all reasons. Tells what is new in it.
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
