// A number that grows with every change, and can be waited for.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace langfuse_receiver {

// Any thread may call any function.
class Revision {
 public:
  // Publishes what was done before it.
  void advance() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      value_.fetch_add(1, std::memory_order_release);
    }
    advanced_.notify_all();
  }

  std::uint64_t value() const { return value_.load(std::memory_order_acquire); }

  // Returns the value as soon as it is not `known`, or after `timeout`.
  std::uint64_t wait_until_not(std::uint64_t known, std::chrono::milliseconds timeout) const {
    std::unique_lock<std::mutex> lock(mutex_);
    advanced_.wait_for(lock, timeout, [this, known] { return value() != known; });
    return value();
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable advanced_;
  std::atomic<std::uint64_t> value_{1};
};

}  // namespace langfuse_receiver
