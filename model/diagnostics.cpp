#include "model/diagnostics.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <new>
#include <utility>

#include "model/clock.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t most_line_bytes = 1024;
constexpr auto between_lines = std::chrono::seconds(1);
constexpr char blot[] = "********";
constexpr char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

thread_local bool is_in_library = false;
thread_local bool is_reporting = false;

// Each of these, found in a message, is (part of) the secret.
struct Secrets {
  std::string plain;
  // The secret in base64 wherever it begins in what was encoded (`public key:secret` in a basic
  // token), without the first and last characters, which depend on its neighbours.
  std::array<std::string, 3> encoded;
};

struct State {
  std::mutex mutex;
  // All below: guarded by mutex.
  DiagnosticsOptions options;
  Secrets secrets;
  bool has_next_options = false;
  DiagnosticsOptions next_options;  // set from inside `on_error`, in force when that returns
  bool has_written = false;
  SteadyTime last_written;
  std::uint64_t held_back = 0;
};

std::atomic<bool> debugging{false};  // publishes nothing but itself

// Made at first use, never destroyed: reports come until the very end of the process.
State& state() noexcept {
  alignas(State) static unsigned char memory[sizeof(State)];
  static State* const made = new (memory) State();
  return *made;
}

// The characters of the base64 form of `offset` unknown bytes and `secret` that depend on `secret`
// alone.
std::string encoded_core(const std::string& secret, std::size_t offset) {
  std::string core;
  const std::size_t bits = 8 * (offset + secret.size());
  // Character i covers the bits 6i to 6i+5.
  for (std::size_t i = (8 * offset + 5) / 6; 6 * i + 6 <= bits; ++i) {
    unsigned value = 0;
    for (std::size_t bit = 6 * i; bit < 6 * i + 6; ++bit) {
      const auto byte = static_cast<unsigned char>(secret[bit / 8 - offset]);
      value = value << 1 | (byte >> (7 - bit % 8) & 1U);
    }
    core += base64_alphabet[value];
  }
  return core;
}

bool is_base64(char character) noexcept {
  return character == '=' ||
         std::string_view(base64_alphabet).find(character) != std::string_view::npos;
}

void blot_out(std::string& text, const std::string& secret, bool with_token) {
  // Fewer characters than this occur by chance.
  constexpr std::size_t least_token = 4;
  if (secret.empty() || (with_token && secret.size() < least_token)) return;
  std::size_t found = 0;
  while ((found = text.find(secret, found)) != std::string::npos) {
    std::size_t begin = found;
    std::size_t end = found + secret.size();
    while (with_token && begin > 0 && is_base64(text[begin - 1])) --begin;
    while (with_token && end < text.size() && is_base64(text[end])) ++end;
    text.replace(begin, end - begin, blot);
    found = begin + sizeof(blot) - 1;
  }
}

void append_escaped(std::string& line, char character) {
  const auto byte = static_cast<unsigned char>(character);
  constexpr char digits[] = "0123456789abcdef";
  if (character == '\n') {
    line += "\\n";
  } else if (byte < 0x20 || byte == 0x7f) {
    line += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  } else {
    line += character;
  }
}

// `message` as it may be shown: no secrets, no control characters, at most `most_line_bytes`.
std::string presentable_without(const Secrets& secrets, std::string_view message) {
  std::string text(message);
  blot_out(text, secrets.plain, false);
  for (const std::string& encoded : secrets.encoded) blot_out(text, encoded, true);
  std::string line;
  for (const char character : text) append_escaped(line, character);
  constexpr std::string_view mark = "...";
  if (line.size() > most_line_bytes) {
    std::size_t end = most_line_bytes - mark.size();
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0U) == 0x80U) --end;
    line.replace(end, line.size() - end, mark);
  }
  return line;
}

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

// One buffer, one call: standard error is not buffered, so lines of several threads and processes
// do not mix.
void write_line(std::string_view level, std::string_view text) {
  std::string line = "langfuse: ";
  line.append(level).append(": ").append(text).append("\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

Secrets make_secrets(const std::string& secret) {
  Secrets secrets;
  secrets.plain = secret;
  for (std::size_t offset = 0; offset < secrets.encoded.size(); ++offset) {
    secrets.encoded[offset] = encoded_core(secret, offset);
  }
  return secrets;
}

void put_in_force(State& current, DiagnosticsOptions options) {
  current.options = std::move(options);
  current.secrets = make_secrets(current.options.secret);
  current.has_written = false;
  current.held_back = 0;
  debugging.store(current.options.debug, std::memory_order_relaxed);
}

void write_limited(State& current, Diagnostic::Severity severity, std::string text) {
  const SteadyTime now = current.options.time != nullptr ? current.options.time->now()
                                                         : std::chrono::steady_clock::now();
  if (current.has_written && now - current.last_written < between_lines) {
    ++current.held_back;
    return;
  }
  if (current.held_back > 0) {
    text += " (" + std::to_string(current.held_back) + " more before this)";
  }
  current.held_back = 0;
  current.has_written = true;
  current.last_written = now;
  write_line(word_for(severity), text);
}

void call_user(State& current, const Diagnostic& diagnostic) {
  const LibraryScope inside;
  try {
    current.options.on_error(diagnostic);
  } catch (...) {
    // By contract: there is nobody to tell that telling failed.
  }
}

}  // namespace

void configure_diagnostics(DiagnosticsOptions options) {
  State& current = state();
  if (is_reporting) {
    // Inside `on_error`, which must outlive its own call; this thread holds the mutex.
    current.next_options = std::move(options);
    current.has_next_options = true;
    return;
  }
  const std::lock_guard<std::mutex> lock(current.mutex);
  put_in_force(current, std::move(options));
}

void report(Diagnostic::Severity severity, std::string_view message) noexcept {
  if (is_reporting) return;  // what `on_error` causes is not reported to it
  State& current = state();
  const std::lock_guard<std::mutex> lock(current.mutex);
  is_reporting = true;
  try {
    const std::string text = presentable_without(current.secrets, message);
    if (current.options.on_error) {
      call_user(current, Diagnostic{severity, text});
    } else {
      write_limited(current, severity, text);
    }
    if (std::exchange(current.has_next_options, false)) {
      put_in_force(current, std::move(current.next_options));
    }
  } catch (const std::bad_alloc&) {
    std::fputs("langfuse: error: no memory for a message\n", stderr);
  }
  is_reporting = false;
}

void report_debug(std::string_view message) noexcept {
  if (!is_debugging() || is_reporting) return;
  State& current = state();
  const std::lock_guard<std::mutex> lock(current.mutex);
  try {
    write_line("debug", presentable_without(current.secrets, message));
  } catch (const std::bad_alloc&) {
    std::fputs("langfuse: error: no memory for a message\n", stderr);
  }
}

std::string presentable(std::string_view message, const std::string& secret) {
  return presentable_without(make_secrets(secret), message);
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
