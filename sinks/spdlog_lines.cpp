#include <utility>

#include "langfuse/sinks/spdlog_support.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

SinkThread& sink_thread() noexcept {
  static thread_local SinkThread thread;
  return thread;
}

CapturedMessage::CapturedMessage(const void* message) noexcept
    : outer(std::exchange(sink_thread().captured, message)) {}
CapturedMessage::~CapturedMessage() {
  sink_thread().captured = outer;
}

bool note_banner(std::string_view text, std::int64_t time_unix_nano) noexcept {
  if (text == "****************** Backtrace Start ******************") {
    sink_thread().replay_time = time_unix_nano;
    return true;
  }
  if (text == "****************** Backtrace End ********************") {
    sink_thread().replay_time = 0;
    return true;
  }
  return false;
}

bool is_exact(std::chrono::system_clock::time_point (*clock)()) noexcept {
  static const bool is_so = [clock] {
    // A coarse clock may tick between the two readings, but not three times running.
    for (int i = 0; i < 3; ++i) {
      const std::chrono::system_clock::time_point before = std::chrono::system_clock::now();
      if (clock() < before) return false;
    }
    return true;
  }();
  return is_so;
}

std::string_view without_line_break(std::string_view text) noexcept {
  for (const char part : {'\n', '\r'}) {
    if (!text.empty() && text.back() == part) text.remove_suffix(1);
  }
  return text;
}

void* Spares::take() noexcept {
  for (auto& object : objects) {
    void* const taken = object.exchange(nullptr, std::memory_order_acquire);
    if (taken != nullptr) return taken;
  }
  return nullptr;
}

bool Spares::put(void* object) noexcept {
  for (auto& room : objects) {
    void* none = nullptr;
    if (room.compare_exchange_strong(none, object, std::memory_order_release,
                                     std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
