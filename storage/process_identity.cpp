#include "storage/process_identity.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "model/hex_digit.h"
#include "model/random_ids.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

struct FileText {
  char bytes[1024];
  std::size_t size = 0;
  int error = 0;

  std::string_view view() const noexcept { return {bytes, size}; }
};

// The begin of a small file.
FileText read_text(const char* path) noexcept {
  FileText text;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    text.error = errno;
    return text;
  }
  const ssize_t count = read(file, text.bytes, sizeof(text.bytes));
  if (count < 0) text.error = errno;
  if (count > 0) text.size = static_cast<std::size_t>(count);
  ::close(file);
  return text;
}

std::array<unsigned char, 16> read_boot_id() noexcept {
  std::array<unsigned char, 16> id{};
  const FileText text = read_text("/proc/sys/kernel/random/boot_id");
  std::size_t digits = 0;
  for (const char c : text.view()) {
    const int digit = hex_digit(c);
    if (digit < 0 || digits == 2 * id.size()) continue;
    unsigned char& byte = id[digits++ / 2];
    byte = static_cast<unsigned char>(byte << 4 | digit);
  }
  return id;
}

struct Status {
  bool is_there = false;
  bool is_known = false;
  char state = 0;
  std::uint64_t start_time = 0;
};

// Fields 3 and 22 of /proc/<pid>/stat: see proc(5). The second one is a name in parentheses, which
// may hold anything, so they are counted from the last parenthesis on.
Status read_status(std::uint32_t pid) noexcept {
  char path[32];
  std::snprintf(path, sizeof(path), "/proc/%lu/stat", static_cast<unsigned long>(pid));
  const FileText text = read_text(path);
  Status status;
  if (text.error == ENOENT || text.error == ESRCH) {
    status.is_known = access("/proc/self/stat", F_OK) == 0;
    return status;
  }
  const std::string_view all = text.view();
  std::size_t at = all.rfind(')');
  if (at == std::string_view::npos || at + 2 >= all.size()) return status;
  status.state = all[at + 2];
  for (int field = 2; field < 22 && at != std::string_view::npos; ++field)
    at = all.find(' ', at + 1);
  if (at == std::string_view::npos) return status;
  for (++at; at < all.size() && all[at] >= '0' && all[at] <= '9'; ++at) {
    status.start_time = status.start_time * 10 + static_cast<std::uint64_t>(all[at] - '0');
  }
  status.is_there = status.is_known = true;
  return status;
}

// Of this copy of the library: a random number that a forked child does not share, for it is asked
// together with the process id.
std::uint64_t number_of_copy(std::uint32_t pid) noexcept {
  static const std::uint64_t random = random_bits();
  return random ^ (std::uint64_t{pid} * 0x9e3779b97f4a7c15U);
}

}  // namespace

ProcessIdentity this_process() noexcept {
  ProcessIdentity identity;
  identity.boot_id = read_boot_id();
  identity.pid = static_cast<std::uint32_t>(getpid());
  identity.start_time = read_status(identity.pid).start_time;
  identity.copy = number_of_copy(identity.pid);
  return identity;
}

bool is_running(const ProcessIdentity& process) noexcept {
  const std::array<unsigned char, 16> boot_id = read_boot_id();
  const bool is_known = boot_id != std::array<unsigned char, 16>{};
  if (is_known && process.boot_id != boot_id) return false;
  const Status status = read_status(process.pid);
  if (!status.is_known) return true;
  const bool has_ended = status.state == 'Z' || status.state == 'X';
  return status.is_there && !has_ended && status.start_time == process.start_time;
}

bool is_this_process(const ProcessIdentity& process) noexcept {
  const ProcessIdentity own = this_process();
  return process.pid == own.pid && process.start_time == own.start_time &&
         process.boot_id == own.boot_id;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
