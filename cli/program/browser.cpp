#include "cli/program/browser.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <cstdlib>

namespace langfuse_cli {
namespace {

// What the program inherits: no terminal, and none of the signals that we have blocked or ignored.
class DetachedProgram {
 public:
  DetachedProgram() {
    ::posix_spawn_file_actions_init(&files_);
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      ::posix_spawn_file_actions_addopen(&files_, descriptor, "/dev/null", O_RDWR, 0);
    }
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);  // Ctrl-C is not for it
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~DetachedProgram() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }
  DetachedProgram(const DetachedProgram&) = delete;
  DetachedProgram& operator=(const DetachedProgram&) = delete;

  bool start(const char* program, const std::string& argument) const {
    std::string name = program;
    std::string word = argument;
    char* const command[] = {name.data(), word.data(), nullptr};
    pid_t pid = 0;
    return ::posix_spawnp(&pid, program, &files_, &attributes_, command, environ) == 0;
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

bool open_in_browser(const std::string& url) {
  ::signal(SIGCHLD, SIG_IGN);  // no wait for it
  const DetachedProgram detached;
  const char* const wanted = std::getenv("BROWSER");
  return (wanted != nullptr && *wanted != '\0' && detached.start(wanted, url)) ||
         detached.start("xdg-open", url);
}

}  // namespace langfuse_cli
