#include "tracing/observation_lines.h"

#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <utility>

#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/context/thread_context.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::atomic<bool> are_lines_expected{false};

// `+12.345 ms`: since the observation began. A coarse clock may be a little behind.
struct Offset {
  char text[40];
  std::size_t size;

  explicit Offset(std::int64_t ns) noexcept {
    const std::int64_t us = ns < 0 ? 0 : ns / 1000;
    char* out = text;
    *out++ = '+';
    out = std::to_chars(out, text + sizeof text, us / 1000).ptr;
    *out++ = '.';
    for (const std::int64_t unit : {100, 10, 1}) {
      *out++ = static_cast<char>('0' + us / unit % 10);
    }
    size = static_cast<std::size_t>(out - text);
  }
};

void append(GrowingArray<char>& lines, std::string_view text) noexcept {
  if (text.empty()) return;
  std::memcpy(lines.reserve(text.size()), text.data(), text.size());
  lines.commit(text.size());
}

// False when there is no memory for it: the text then ends here, and its mark counts the rest.
bool append_line(ObservationState& state, const ObservationLine& line) noexcept
    LANGFUSE_REQUIRES(state.lines.mutex) {
  const Offset offset(line.time_unix_nano - state.start_unix_nano);
  const std::string_view parts[] = {{offset.text, offset.size},
                                    " ms ",
                                    line.level,
                                    line.logger.empty() ? "" : " ",
                                    line.logger,
                                    ": ",
                                    line.message,
                                    "\n"};
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  const bool is_whole = state.lines.text.size() == state.lines.full_size;
  state.lines.full_size += size;
  // One line more than is kept tells where to cut.
  if (!is_whole || state.lines.text.size() > state.client->settings().value_max_bytes) return true;
  if (state.lines.text.reserve(size) == nullptr) return false;
  for (const std::string_view part : parts) append(state.lines.text, part);
  return true;
}

}  // namespace

void expect_observation_lines() noexcept {
  are_lines_expected.store(true, std::memory_order_relaxed);
}

bool add_observation_line(const ObservationLine& line) noexcept {
  const ContextFrame* const frame = current_observation_frame();
  if (frame == nullptr) return false;
  ObservationState& state = *state_of(*frame);
  bool has_memory = true;
  {
    const MutexLock lock(state.lines.mutex);
    // Another thread may have ended it since.
    if (state.generation.load(std::memory_order_relaxed) != frame->generation) return false;
    if (state.is_sampled) has_memory = append_line(state, line);
  }
  if (!has_memory) {
    report(Diagnostic::Severity::warning,
           "no memory for the log lines of an observation; they are cut");
  }
  return true;
}

void close_observation_lines(ObservationState& state) noexcept {
  if (!are_lines_expected.load(std::memory_order_relaxed)) {
    state.generation.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  GrowingArray<char> text;
  std::size_t full_size = 0;
  {
    const MutexLock lock(state.lines.mutex);
    state.generation.fetch_add(1, std::memory_order_relaxed);
    text = std::move(state.lines.text);
    full_size = std::exchange(state.lines.full_size, 0);
  }
  if (full_size > 0 && state.is_sampled) {
    // Without the last line break.
    const std::size_t size = text.size() - (text.size() == full_size ? 1 : 0);
    set_text_of_lines(state, {text.data(), size}, full_size - 1);
  }
  text.clear(largest_kept_text);
  const MutexLock lock(state.lines.mutex);
  state.lines.text = std::move(text);
}

void discard_observation_lines(ObservationState& state) noexcept {
  const MutexLock lock(state.lines.mutex);
  state.generation.fetch_add(1, std::memory_order_relaxed);
  state.lines.text.clear(largest_kept_text);
  state.lines.full_size = 0;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
