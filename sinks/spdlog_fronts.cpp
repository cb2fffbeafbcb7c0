#include "langfuse/sinks/spdlog_support.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

struct Front {
  std::weak_ptr<void> owner;
  const void* front;
  const void* original;
};

// Never destroyed.
std::vector<Front>& fronts() {
  static std::vector<Front>& instance = *new std::vector<Front>;
  return instance;
}

// Never destroyed.
std::mutex& attach_mutex() {
  static std::mutex& mutex = *new std::mutex;
  return mutex;
}

template <class Condition>
void remove_fronts_if(Condition condition) noexcept {
  fronts().erase(std::remove_if(fronts().begin(), fronts().end(), condition), fronts().end());
}

}  // namespace

AttachLock::AttachLock() noexcept {
  attach_mutex().lock();
}
AttachLock::~AttachLock() {
  attach_mutex().unlock();
}

void add_front(std::weak_ptr<void> owner, const void* front, const void* original) {
  remove_fronts_if([](const Front& entry) { return entry.owner.expired(); });
  fronts().push_back(Front{std::move(owner), front, original});
}

std::shared_ptr<void> find_front(const void* logger) {
  for (const Front& entry : fronts()) {
    if (entry.front != logger && entry.original != logger) continue;
    std::shared_ptr<void> front = entry.owner.lock();
    if (front != nullptr) return front;
  }
  return nullptr;
}

void remove_front(const void* front) noexcept {
  remove_fronts_if([front](const Front& entry) { return entry.front == front; });
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
