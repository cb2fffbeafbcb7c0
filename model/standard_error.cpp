#include "model/standard_error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// The end of a line is missing that was written in part: publishes nothing but itself.
std::atomic<bool> is_line_cut{false};

// Keeps what a write may do to the calling thread away from it: SIGPIPE where nobody reads, SIGXFSZ
// where a file has reached the limit of its size, SIGTTOU where a terminal stops its background,
// and a cancellation in the middle.
class UndisturbedThread {
 public:
  UndisturbedThread() noexcept {
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old_cancel_state_);
    sigset_t pending;
    sigpending(&pending);
    sigemptyset(&ours_);
    for (const int number : {SIGPIPE, SIGXFSZ}) {
      if (sigismember(&pending, number) == 0) sigaddset(&ours_, number);
    }
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int number : {SIGPIPE, SIGXFSZ, SIGTTOU}) sigaddset(&blocked, number);
    pthread_sigmask(SIG_BLOCK, &blocked, &old_mask_);
  }
  ~UndisturbedThread() {
    const timespec at_once = {};
    // Until none is pending.
    while (sigtimedwait(&ours_, nullptr, &at_once) > 0 || errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
    pthread_setcancelstate(old_cancel_state_, nullptr);
  }
  UndisturbedThread(const UndisturbedThread&) = delete;
  UndisturbedThread& operator=(const UndisturbedThread&) = delete;

 private:
  int old_cancel_state_ = 0;
  sigset_t ours_;  // what was not pending before, so that one which is now comes from the write
  sigset_t old_mask_;
};

using Write = ssize_t (*)(std::string_view text);

ssize_t write_directly(int descriptor, std::string_view text) noexcept {
  ssize_t count = 0;
  do {
    count = ::write(descriptor, text.data(), text.size());
  } while (count < 0 && errno == EINTR);
  return count;
}

ssize_t write_to_file(std::string_view text) {
  return write_directly(STDERR_FILENO, text);
}

ssize_t write_to_socket(std::string_view text) {
  ssize_t count = 0;
  do {
    count = ::send(STDERR_FILENO, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  return count;
}

// An open file description of our own for what descriptor 2 stands for: the flag that makes it
// non-blocking is then ours, too. -1 where there is no /proc, or the terminal or pipe belongs to
// another user. Not by way of /proc/self, which is empty once the main thread has ended.
int reopen() noexcept {
  int descriptor = -1;
  do {
    descriptor = ::open("/proc/thread-self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

// By way of a pipe of our own, from which the system moves the text without waiting.
ssize_t splice_to_pipe(std::string_view text) noexcept {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  ssize_t count = write_directly(ends[1], text);
  if (count > 0) {
    count = ::splice(ends[0], nullptr, STDERR_FILENO, nullptr, text.size(), SPLICE_F_NONBLOCK);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  return count;
}

ssize_t write_to_pipe(std::string_view text) {
  const int own = reopen();
  if (own < 0) return errno == ENXIO ? -1 : splice_to_pipe(text);  // ENXIO: nobody reads
  const ssize_t count = write_directly(own, text);
  ::close(own);
  return count;
}

ssize_t write_if_ready(std::string_view text) {
  pollfd ready = {STDERR_FILENO, POLLOUT, 0};
  if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return -1;
  return write_directly(STDERR_FILENO, text);
}

ssize_t write_to_terminal(std::string_view text) {
  const int own = reopen();
  // One that is another user's, as after `su`: here alone something could come between the question
  // and the write, and it would take a whole terminal buffer.
  if (own < 0) return write_if_ready(text);
  const ssize_t count = write_directly(own, text);
  ::close(own);
  return count;
}

// How to write to what descriptor 2 is now; null when there is none.
Write find_way() noexcept {
  struct stat about = {};
  if (::fstat(STDERR_FILENO, &about) != 0) return nullptr;
  if (S_ISREG(about.st_mode)) return write_to_file;
  if (S_ISSOCK(about.st_mode)) return write_to_socket;
  if (S_ISFIFO(about.st_mode)) return write_to_pipe;
  return ::isatty(STDERR_FILENO) == 1 ? write_to_terminal : write_if_ready;
}

}  // namespace

bool write_to_standard_error(std::string_view line) noexcept {
  const int saved_errno = errno;
  bool is_written = false;
  {
    const UndisturbedThread undisturbed;
    const Write write = find_way();
    if (write != nullptr) {
      if (is_line_cut.load(std::memory_order_relaxed) && write("\n") == 1) {
        is_line_cut.store(false, std::memory_order_relaxed);
      }
      const ssize_t count = write(line);
      is_written = count == static_cast<ssize_t>(line.size());
      if (count > 0 && !is_written) is_line_cut.store(true, std::memory_order_relaxed);
    }
  }
  errno = saved_errno;
  return is_written;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
