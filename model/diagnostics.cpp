#include "model/diagnostics.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <new>
#include <utility>

#include "model/clock.h"
#include "model/forks.h"
#include "model/mutex.h"
#include "model/presentable.h"
#include "model/standard_error.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr auto between_lines = std::chrono::seconds(1);
constexpr std::string_view no_memory = "no memory for a message";

thread_local bool is_in_library = false;
thread_local bool is_reporting = false;

// What was configured, for as long as someone uses it: `on_error` may replace itself, and must
// outlive its own call.
struct InForce {
  DiagnosticsOptions options;
  Secrets secrets;
  // Read and changed under `State::mutex`; the state is one, each call under way another.
  int users = 1;
};

// A message for `on_error` that waits for its turn.
struct Message {
  Diagnostic::Severity severity = Diagnostic::Severity::warning;
  std::string text;
  std::unique_ptr<Message> next;
};
// Of 1 KiB each at most: where a call of `on_error` does not return, the rest is only counted.
constexpr std::size_t most_waiting = 4096;

struct State {
  // A leaf, held for a few instructions: under it nothing is called, written, allocated or freed.
  Mutex mutex;
  InForce* in_force LANGFUSE_GUARDED_BY(mutex) = nullptr;

  // Of the lines on stderr.
  bool has_written LANGFUSE_GUARDED_BY(mutex) = false;
  SteadyTime last_written LANGFUSE_GUARDED_BY(mutex);
  std::uint64_t held_back LANGFUSE_GUARDED_BY(mutex) =
      0;  // messages since the last line, because of the limit …
  std::uint64_t unwritten LANGFUSE_GUARDED_BY(mutex) = 0;  // … and because stderr did not take them

  // Calls of `on_error` follow each other without a lock: who finds a thread in it leaves its
  // message to that thread.
  bool is_calling LANGFUSE_GUARDED_BY(mutex) = false;
  std::unique_ptr<Message> first LANGFUSE_GUARDED_BY(mutex);  // that waits, the oldest
  Message* last LANGFUSE_GUARDED_BY(mutex) = nullptr;
  std::size_t waiting LANGFUSE_GUARDED_BY(mutex) = 0;
  std::uint64_t not_kept LANGFUSE_GUARDED_BY(mutex) = 0;  // messages that had to be forgotten
};

std::atomic<bool> debugging{false};  // publishes nothing but itself

// Made at first use, without memory, never destroyed: reports come until the very end of the
// process.
State& state() noexcept {
  alignas(State) static unsigned char memory[sizeof(State)];
  alignas(InForce) static unsigned char defaults[sizeof(InForce)];
  static State* const made = [] {
    auto* const fresh = new (memory) State();
    const MutexLock lock(fresh->mutex);
    fresh->in_force = new (defaults) InForce();
    ++fresh->in_force->users;  // never freed
    return fresh;
  }();
  return *made;
}

// In the child of a fork. Only the thread that forked can be inside `on_error` there. Without
// analysis: nobody else is in the library.
void forget_parents_messages() noexcept LANGFUSE_NO_THREAD_SAFETY_ANALYSIS {
  State& current = state();
  current.has_written = false;
  current.held_back = 0;
  current.unwritten = 0;
  current.is_calling = is_reporting && current.is_calling;
  static_cast<void>(current.first.release());  // a chain is not freed here
  current.last = nullptr;
  current.waiting = 0;
  current.not_kept = 0;
}

ForkEntry diagnostics_entry{forget_parents_messages};

// Keeps what is in force now.
class Lease {
 public:
  Lease() noexcept {
    State& current = state();
    const MutexLock lock(current.mutex);
    in_force_ = current.in_force;
    ++in_force_->users;
  }
  ~Lease() { give_back(in_force_); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  const InForce& operator*() const noexcept { return *in_force_; }
  const InForce* operator->() const noexcept { return in_force_; }

  static void give_back(InForce* used) noexcept {
    State& current = state();
    {
      const MutexLock lock(current.mutex);
      if (--used->users > 0) return;
    }
    delete used;  // with `on_error`, whose destructor is the user's
  }

 private:
  InForce* in_force_;
};

const char* word_for(Diagnostic::Severity severity) noexcept {
  switch (severity) {
    case Diagnostic::Severity::info:
      return "info";
    case Diagnostic::Severity::warning:
      return "warning";
    case Diagnostic::Severity::error:
      break;
  }
  return "error";
}

// What is added to a line about those before it.
void write_counts(char* out, std::size_t room, std::uint64_t held_back,
                  std::uint64_t unwritten) noexcept {
  const auto all = static_cast<unsigned long long>(held_back) + unwritten;
  const auto lost = static_cast<unsigned long long>(unwritten);
  if (all == 0) return;
  if (unwritten == 0) {
    std::snprintf(out, room, " (%llu more before this)", all);
  } else if (held_back == 0) {
    std::snprintf(out, room, " (%llu more before this could not be written)", lost);
  } else {
    std::snprintf(out, room, " (%llu more before this, %llu of them could not be written)", all,
                  lost);
  }
}

// One buffer, one call, so that lines of several threads and processes do not mix. Needs no memory.
bool write_line(std::string_view level, std::string_view text, std::uint64_t held_back,
                std::uint64_t unwritten) noexcept {
  char counts[128] = "";
  write_counts(counts, sizeof(counts), held_back, unwritten);
  char line[1400];
  const int size =
      std::snprintf(line, sizeof(line), "langfuse: %.*s: %.*s%s\n", static_cast<int>(level.size()),
                    level.data(), static_cast<int>(text.size()), text.data(), counts);
  return write_to_standard_error(std::string_view(line, static_cast<std::size_t>(size)));
}

enum class Limit { one_a_second, none };

void write_limited(const TimeSource* time, Diagnostic::Severity severity, std::string_view text,
                   Limit limit = Limit::one_a_second) noexcept {
  State& current = state();
  const SteadyTime now = time != nullptr ? time->now() : std::chrono::steady_clock::now();
  std::uint64_t held_back = 0;
  std::uint64_t unwritten = 0;
  {
    const MutexLock lock(current.mutex);
    if (limit == Limit::one_a_second && current.has_written &&
        now - current.last_written < between_lines) {
      ++current.held_back;
      return;
    }
    held_back = std::exchange(current.held_back, 0);
    unwritten = std::exchange(current.unwritten, 0);
    current.has_written = true;
    current.last_written = now;
  }
  if (write_line(word_for(severity), text, held_back, unwritten)) return;
  const MutexLock lock(current.mutex);
  current.held_back += held_back;
  current.unwritten += unwritten + 1;
  current.has_written = false;  // the next one tries
}

void call_user(const Lease& lease, Diagnostic::Severity severity, std::string_view text) noexcept {
  if (!lease->options.on_error) {
    write_limited(lease->options.time, severity, text);
    return;
  }
  const LibraryScope inside;
  const ForksWait forks_wait;
  try {
    lease->options.on_error(Diagnostic{severity, text});
  } catch (...) {
    // By contract: there is nobody to tell that telling failed.
  }
}

// True for the thread that is to call `on_error` now; otherwise the message waits for the one that
// does. `message`: null when there was no memory for it.
bool begin_calling(std::unique_ptr<Message>& message) noexcept {
  State& current = state();
  const MutexLock lock(current.mutex);
  if (!std::exchange(current.is_calling, true)) return true;
  if (message == nullptr || current.waiting == most_waiting) {
    ++current.not_kept;
    return false;
  }
  Message* const added = message.get();
  (current.first == nullptr ? current.first : current.last->next) = std::move(message);
  current.last = added;
  ++current.waiting;
  return false;
}

// The next message that waits, or how many were forgotten; when there is neither, nobody calls any
// more.
std::unique_ptr<Message> next_waiting(std::uint64_t& not_kept) noexcept {
  State& current = state();
  const MutexLock lock(current.mutex);
  std::unique_ptr<Message> next = std::move(current.first);
  not_kept = 0;
  if (next != nullptr) {
    current.first = std::move(next->next);
    --current.waiting;
  } else {
    not_kept = std::exchange(current.not_kept, 0);
    current.is_calling = not_kept > 0;
  }
  return next;
}

// Tells what came meanwhile, too, each by what is then in force.
void tell_user(Diagnostic::Severity severity, std::unique_ptr<Message> message) noexcept {
  if (!begin_calling(message)) return;
  call_user(Lease(), severity, message != nullptr ? std::string_view(message->text) : no_memory);
  std::uint64_t not_kept = 0;
  while (true) {
    message = next_waiting(not_kept);
    if (message != nullptr) {
      call_user(Lease(), message->severity, message->text);
    } else if (not_kept > 0) {
      char words[80];
      const int size =
          std::snprintf(words, sizeof(words), "%llu more messages came while on_error was called",
                        static_cast<unsigned long long>(not_kept));
      call_user(Lease(), Diagnostic::Severity::warning,
                std::string_view(words, static_cast<std::size_t>(size)));
    } else {
      return;
    }
  }
}

// Says it in the way that is in force.
void say(Diagnostic::Severity severity, std::string_view message, std::string_view detail,
         Limit limit = Limit::one_a_second) noexcept {
  const Lease lease;
  std::unique_ptr<Message> made;
  try {
    std::string whole(message);
    whole.append(detail);
    auto fresh = std::make_unique<Message>();
    fresh->severity = severity;
    fresh->text = presentable(whole, lease->secrets);
    made = std::move(fresh);
  } catch (const std::bad_alloc&) {
    // Then at least that there was something to say.
    made = nullptr;
  }
  if (lease->options.on_error) {
    tell_user(severity, std::move(made));
  } else {
    write_limited(lease->options.time, severity,
                  made != nullptr ? std::string_view(made->text) : no_memory, limit);
  }
}

}  // namespace

void configure_diagnostics(DiagnosticsOptions options) {
  auto fresh = std::make_unique<InForce>();
  fresh->options = std::move(options);
  fresh->secrets = Secrets(fresh->options.secret);
  debugging.store(fresh->options.debug, std::memory_order_relaxed);
  State& current = state();
  InForce* old = nullptr;
  {
    const MutexLock lock(current.mutex);
    old = std::exchange(current.in_force, fresh.release());
    current.has_written = false;
    current.held_back = 0;
    current.unwritten = 0;
  }
  Lease::give_back(old);
}

void report(Diagnostic::Severity severity, std::string_view message,
            std::string_view detail) noexcept {
  if (is_reporting) return;  // what `on_error` causes is not reported to it
  is_reporting = true;
  say(severity, message, detail);
  is_reporting = false;
}

void report_last(Diagnostic::Severity severity, std::string_view message) noexcept {
  if (is_reporting) return;
  is_reporting = true;
  say(severity, message, {}, Limit::none);
  is_reporting = false;
}

std::string shortened(std::string_view words, std::size_t most) {
  const Lease lease;
  return shortened(words, most, lease->secrets);
}

void report_debug(std::string_view message) noexcept {
  if (!is_debugging() || is_reporting) return;
  State& current = state();
  std::uint64_t unwritten = 0;
  {
    const MutexLock lock(current.mutex);
    unwritten = std::exchange(current.unwritten, 0);
  }
  const Lease lease;
  bool is_written = false;
  try {
    is_written = write_line("debug", presentable(message, lease->secrets), 0, unwritten);
  } catch (const std::bad_alloc&) {
    is_written = write_line("debug", no_memory, 0, unwritten);
  }
  if (is_written) return;
  const MutexLock lock(current.mutex);
  current.unwritten += unwritten + 1;
}

bool is_debugging() noexcept {
  return debugging.load(std::memory_order_relaxed);
}

bool in_library() noexcept {
  return is_in_library;
}

LibraryScope::LibraryScope() noexcept : outer_(std::exchange(is_in_library, true)) {}

LibraryScope::~LibraryScope() {
  is_in_library = outer_;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
