#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_support.h"
#include "model/diagnostics.h"
#include "model/forks.h"
#include "model/mutex.h"
#include "model/never_destroyed.h"
#include "pipeline/remarks.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// In the number that `agree` works on: a line has come through the front.
constexpr int used_mark = 0x100;

struct Front {
  std::weak_ptr<void> owner;
  const void* front;
  std::weak_ptr<void> original;
  const void* original_address;
  std::string name;
  std::shared_ptr<std::atomic<int>> use;  // null: what goes past the front is not known to be lost
  long owners;                            // of the front, when it was attached: the registry
  long others;  // of the original then, beside the front and the caller of `attach`
  bool is_said = false;

  // Whether a pointer from before is still held by whom the front is not. One that the caller of
  // `attach` had does not count while the front is used, or held.
  bool is_bypassed() const noexcept {
    if (use == nullptr) return false;
    const long outside = original.use_count() - (owner.expired() ? 0 : 1);
    if (outside <= 0) return false;
    const bool is_used = (use->load(std::memory_order_relaxed) & used_mark) != 0;
    return others > 0 || (!is_used && owner.use_count() <= owners);
  }
  std::string title() const {
    return name.empty() ? "the default logger" : "logger '" + name + "'";
  }
};

// Never destroyed.
std::vector<Front>& fronts() {
  static NeverDestroyed<std::vector<Front>> instance;
  return instance.get();
}

// Never destroyed.
Mutex& attach_mutex() {
  static NeverDestroyed<Mutex> mutex;
  return mutex.get();
}

// In a forked child, a list that another thread was changing is left to the parent.
ForkEntry fronts_entry{[]() noexcept {
  if (attach_mutex().was_held_at_fork()) new (&fronts()) std::vector<Front>();
}};

template <class Condition>
void remove_fronts_if(Condition condition) noexcept {
  fronts().erase(std::remove_if(fronts().begin(), fronts().end(), condition), fronts().end());
}

// What a flush calls: names each logger whose lines go past its front, once.
void say_bypassed() {
  std::vector<std::string> titles;
  {
    const AttachLock lock;
    for (Front& front : fronts()) {
      if (front.is_said || !front.is_bypassed()) continue;
      titles.push_back(front.title());
      front.is_said = true;
    }
  }
  for (const std::string& title : titles) {
    report(Diagnostic::Severity::warning,
           title +
               " was attached, and a pointer to it from before is still held: what is logged "
               "through that is not captured. Log through what attach() returned, or ask "
               "spdlog for the logger again");
  }
}

// What `diagnose` adds.
Remark describe_fronts() {
  Remark remark;
  const AttachLock lock;
  std::string bypassed;
  for (const Front& front : fronts()) {
    if (front.is_bypassed()) bypassed += (bypassed.empty() ? "" : ", ") + front.title();
    if (!front.owner.expired())
      remark.seen += (remark.seen.empty() ? "attached: " : ", ") + front.title();
  }
  if (!remark.seen.empty()) {
    remark.seen +=
        " (not what is logged through pointers from before attach(), also those of "
        "default_logger_raw())";
  }
  if (!bypassed.empty()) {
    remark.seen += (remark.seen.empty() ? "" : "; ") +
                   ("a pointer from before attach() is still held to " + bypassed);
    remark.advice = "log through what attach() returned, or ask spdlog for the logger again";
  }
  return remark;
}

// REQUIRES: an `AttachLock` is held.
void introduce_once() {
  static bool is_introduced = false;
  if (std::exchange(is_introduced, true)) return;
  set_remark_source(&describe_fronts);
  register_flush_source("attached loggers", [](std::int64_t) { say_bypassed(); });
}

}  // namespace

int agree(std::atomic<int>& shared, int own, int theirs, bool is_line) noexcept {
  const int stored = shared.load(std::memory_order_relaxed);
  const int before = stored & ~used_mark;
  const int agreed = own != before ? own : theirs;
  const int next = agreed | (is_line ? used_mark : stored & used_mark);
  if (next != stored) shared.store(next, std::memory_order_relaxed);
  return agreed;
}

// Without analysis: it is a lock for headers that know no annotations.
AttachLock::AttachLock() noexcept LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  attach_mutex().lock();
}
AttachLock::~AttachLock() LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  attach_mutex().unlock();
}

void add_front(const std::weak_ptr<void>& front, const std::weak_ptr<void>& original,
               std::string_view name, std::shared_ptr<std::atomic<int>> use) {
  remove_fronts_if([](const Front& entry) { return entry.original.expired(); });
  Front entry;
  entry.owner = front;
  entry.front = front.lock().get();
  entry.original = original;
  entry.original_address = original.lock().get();
  entry.name = name;
  entry.use = std::move(use);
  entry.owners = front.use_count() - 1;     // the caller has it, too
  entry.others = original.use_count() - 2;  // so has the front, and the caller of `attach`
  fronts().push_back(std::move(entry));
  introduce_once();
}

std::shared_ptr<void> find_front(const void* logger) {
  for (const Front& entry : fronts()) {
    if (entry.front != logger && entry.original_address != logger) continue;
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
