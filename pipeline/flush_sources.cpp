#include "pipeline/flush_sources.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "model/diagnostics.h"
#include "pipeline/thread.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

thread_local bool is_unfinished = false;  // of the call that this thread is in

}  // namespace

FlushSources& FlushSources::instance() noexcept {
  // Never destroyed: exit hooks and late threads use it.
  alignas(FlushSources) static unsigned char storage[sizeof(FlushSources)];
  static FlushSources* const sources = new (storage) FlushSources();
  return *sources;
}

std::uint64_t FlushSources::add(const char* name, FlushSource call) noexcept {
  if (!call) return 0;
  try {
    auto source = std::make_unique<Source>();
    source->name = name == nullptr ? "unnamed" : name;
    source->threw = "flush source '" + source->name + "' threw: ";
    source->call = std::move(call);
    const MutexLock lock(mutex_);
    source->id = next_id_;
    sources_.append(std::move(source));
    return next_id_++;
  } catch (const std::exception&) {
    return 0;  // the contract: no memory
  }
}

bool FlushSources::remove(std::uint64_t id) noexcept {
  std::unique_ptr<Source> removed;  // deleted after the lock: its destructor is the user's code
  const MutexLock lock(mutex_);
  Source* const found =
      sources_.find([id](const Source& source) { return source.id == id && !source.is_removed; });
  if (found == nullptr) return false;
  if (found->is_running) {
    found->is_removed = true;
  } else {
    removed = sources_.take_out(*found);
  }
  return true;
}

bool FlushSources::run(SteadyTime deadline) {
  const CancellationGuard no_cancellation;
  MutexLock lock(mutex_);
  if (sources_.first() == nullptr) return true;
  const bool is_any_behind =
      sources_.find([](const Source& source) { return source.is_reported; }) != nullptr;
  deadline_ = passes_wanted_ == passes_done_ ? deadline : std::max(deadline_, deadline);
  const std::uint64_t wanted = ++passes_wanted_;
  std::string fault;
  bool is_done = false;
  if (has_thread_ || start_worker()) {
    work_.notify_all();
    ++waiting_;
    is_done = done_.wait_until(lock, deadline, [this, wanted]() LANGFUSE_REQUIRES(mutex_) {
      return passes_done_ >= wanted;
    });
    --waiting_;
    if (!is_done) fault = give_up_on_thread();
  } else {
    passes_done_ = passes_wanted_;
    fault = "no thread for the flush sources; they are left out of this flush";
  }
  lock.unlock();  // what receives the diagnostic is the user's code
  if (!fault.empty()) report(Diagnostic::Severity::warning, fault);
  return is_done && !is_any_behind;
}

void FlushSources::note_unfinished() noexcept {
  is_unfinished = true;
}

bool FlushSources::is_any_unfinished() noexcept {
  const MutexLock lock(mutex_);
  return sources_.find([](const Source& source) { return source.is_unfinished; }) != nullptr;
}

void FlushSources::retire() noexcept {
  const MutexLock lock(mutex_);
  if (!has_thread_ || waiting_ > 0) return;
  has_thread_ = false;
  ++generation_;
  passes_done_ = passes_wanted_;
  work_.notify_all();
}

// The child has neither the thread nor the callers that wait for it. Without analysis: nobody else
// is in the library.
void FlushSources::in_child() noexcept LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  FlushSources& all = instance();
  all.has_thread_ = false;
  ++all.generation_;  // the child may be a source's own, on its way back to the thread it was
  all.waiting_ = 0;
  all.passes_done_ = all.passes_wanted_;
  for (Source* source = all.sources_.first(); source != nullptr; source = List::after(*source)) {
    source->is_running = source->is_removed;  // never called again, and nobody comes to delete it
    source->is_reported = false;
    source->is_unfinished = false;
  }
}

ForkEntry FlushSources::fork_entry{in_child};

void FlushSources::List::append(std::unique_ptr<Source> source) noexcept {
  std::atomic<Source*>* end = &first_;
  while (Source* const present = end->load(std::memory_order_relaxed)) end = &present->next;
  end->store(source.release(), std::memory_order_release);
}

std::unique_ptr<FlushSources::Source> FlushSources::List::take_out(const Source& source) noexcept {
  std::atomic<Source*>* link = &first_;
  while (link->load(std::memory_order_relaxed) != &source) {
    link = &link->load(std::memory_order_relaxed)->next;
  }
  std::unique_ptr<Source> taken(link->load(std::memory_order_relaxed));
  link->store(after(source), std::memory_order_release);
  return taken;
}

bool FlushSources::start_worker() {
  const std::uint64_t generation = ++generation_;
  has_thread_ = start_thread("langfuse-source", [this, generation] { work(generation); });
  return has_thread_;
}

// Somebody's time is over: the source that the thread is in is named, once, and the thread is left
// to it. Whoever still waits gets a new thread.
std::string FlushSources::give_up_on_thread() noexcept {
  std::string names;
  bool is_any_late = false;
  const SteadyTime now = std::chrono::steady_clock::now();
  for (Source* source = sources_.first(); source != nullptr; source = List::after(*source)) {
    if (!source->is_running || source->is_reported) continue;
    if (waiting_ > 0 && source->deadline > now) continue;  // in time for those who wait longer
    source->is_reported = true;
    is_any_late = true;
    try {
      names += (names.empty() ? "'" : ", '") + source->name + "'";
    } catch (const std::bad_alloc&) {
      // Then it goes without its name.
      continue;
    }
  }
  if (waiting_ == 0) passes_done_ = passes_wanted_;
  if (!is_any_late) return {};
  has_thread_ = false;
  ++generation_;
  if (waiting_ > 0) start_worker();
  try {
    return "flush source " + names +
           " did not return in time; flushes go on without it until it does";
  } catch (const std::bad_alloc&) {
    return {};
  }
}

void FlushSources::work(std::uint64_t generation) {
  forbid_waiting();
  MutexLock lock(mutex_);
  while (true) {
    work_.wait(lock, [this, generation]() LANGFUSE_REQUIRES(mutex_) {
      return generation_ != generation || passes_wanted_ > passes_done_;
    });
    if (generation_ != generation) return;
    const std::uint64_t pass = passes_wanted_;
    std::uint64_t last = 0;
    while (Source* const source = next_after(last)) {
      last = source->id;
      call_one(*source);
      if (generation_ != generation) return;
    }
    passes_done_ = pass;
    done_.notify_all();
  }
}

FlushSources::Source* FlushSources::next_after(std::uint64_t id) {
  return sources_.find([id](const Source& source) { return source.id > id && !source.is_running; });
}

void FlushSources::call_one(Source& source) {
  source.is_running = true;
  source.deadline = deadline_;
  const std::chrono::nanoseconds left = deadline_ - std::chrono::steady_clock::now();
  mutex_.unlock();
  is_unfinished = false;
  try {
    source.call(std::max<std::int64_t>(left.count(), 0));
  } catch (const std::exception& exception) {
    report(Diagnostic::Severity::warning, source.threw, exception.what());
  } catch (...) {
    report(Diagnostic::Severity::warning, source.threw, "something that is no std::exception");
  }
  std::unique_ptr<Source> removed;
  mutex_.lock();
  source.is_running = false;
  source.is_reported = false;
  source.is_unfinished = is_unfinished;
  if (source.is_removed) {
    removed = sources_.take_out(source);
    mutex_.unlock();
    removed.reset();
    mutex_.lock();
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
