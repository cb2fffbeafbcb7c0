// Makes ten observations and ends in the way that its first argument names; see exit_test.cpp.
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/tracing/observe.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/sanitizers.h"
#if LANGFUSE_TEST_HAS_ASAN
#include <sanitizer/lsan_interface.h>
#endif

namespace {

constexpr int observations = 10;

void work() {
  for (int i = 0; i < observations; ++i) {
    auto step = langfuse::observe("step");
    step.set_metadata("number", i);
  }
}

void say(const char* line) {
  std::puts(line);
  std::fflush(stdout);
}

// What a decoder that keeps the last of two equal fields would get wrong if we wrote them twice.
void write_in_every_order() {
  auto twice = langfuse::observe("output twice");
  twice.set_output("first").set_output("second, and longer than the first");
  auto type_last = langfuse::observe("type last");
  type_last.set_input("in").set_type(langfuse::ObservationType::tool);
  auto level_first = langfuse::observe("level first");
  level_first.set_level(langfuse::Level::error).set_status_message("boom");
  auto message_first = langfuse::observe("message first");
  message_first.set_status_message("boom").set_level(langfuse::Level::error);
}

[[noreturn]] void wait_for_the_end() {
  say("ready");
  while (true) pause();
}

volatile std::sig_atomic_t application_signal = 0;

int serve_until_on_signal() {
  static std::promise<int> stop;
  langfuse::install_exit_hooks(
      langfuse::ExitHookOptions().set_on_signal([](int number) { stop.set_value(number); }));
  work();
  say("ready");
  const int number = stop.get_future().get();
  { auto in_flight = langfuse::observe("what was in flight"); }
  return number == SIGTERM ? 7 : 1;
}

int serve_with_the_applications_own_handler() {
  std::signal(SIGTERM, [](int number) { application_signal = number; });
  const langfuse::Error error = langfuse::install_exit_hooks();
  std::printf("%s\n", error.message.c_str());
  sigset_t blocked;
  sigset_t old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &old);
  work();
  say("ready");
  while (application_signal == 0) sigsuspend(&old);
  return 5;
}

// The main thread ends, the process does not.
[[noreturn]] void leave_main_by_pthread_exit(const std::string& mode) {
#if LANGFUSE_TEST_HAS_ASAN
  // glibc runs no `thread_local` destructor of a main thread that ends so. What only they would
  // free is lost to LeakSanitizer.
  __lsan_disable();
#endif
  if (mode == "pthread-exit") work();
  if (mode == "pthread-exit-before-a-thread") {
    std::thread([] {
      say("ready");
      std::getchar();
      work();
    }).detach();
  }
  if (mode == "pthread-exit-with-a-thread-that-never-used-it") {
    work();
    // Others end first, each of which has us look.
    for (int i = 0; i < 3; ++i) std::thread(work).join();
    std::thread([] {
      say("ready");
      std::getchar();
    }).detach();
  }
  if (mode == "pthread-exit-after-shutdown") {
    langfuse::install_exit_hooks();
    langfuse::register_flush_source("has a thread", [](std::int64_t) {});
    work();
    langfuse::shutdown();
  }
  pthread_exit(nullptr);
}

// The descriptors that a program inherits which is started here: found out by one.
std::string inherited_descriptors() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl("/proc/self/exe", "exit_program", "print-descriptors", static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[1]);
  std::string text;
  char buffer[256];
  ssize_t count = 0;
  while ((count = read(ends[0], buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

int print_descriptors() {
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) std::printf("%d ", descriptor);
  }
  return 0;
}

// Prints what a child inherits, without the library and then in each of its moments.
int compare_descriptors() {
  // As a host may have them, and they must stay: both inherited and not.
  int pair[2];
  int private_pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, private_pair) != 0) {
    return 1;
  }
  const auto compare = [before = inherited_descriptors()](const char* moment) {
    const std::string now = inherited_descriptors();
    std::printf("%s: %s\n", moment, now == before ? "the same" : now.c_str());
  };
  langfuse::init();
  compare("after init");
  langfuse::install_exit_hooks();
  work();
  compare("with hooks and records");
  langfuse::flush();
  compare("after a flush");
  langfuse::shutdown();
  compare("after the shutdown");
  langfuse::init();
  work();
  langfuse::flush();
  compare("in the next run");
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (mode == "print-descriptors") return print_descriptors();
  if (mode == "descriptors") return compare_descriptors();
  langfuse::init();
  if (mode == "return") {
    work();
    return 0;
  }
  if (mode == "exit") {
    auto open = langfuse::observe("never ends");
    work();
    std::exit(3);
  }
  if (mode == "exit-from-thread") {
    work();
    std::thread([] { std::exit(4); }).join();
  }
  if (mode == "exception") {
    langfuse::run_with_flush([] {
      work();
      throw std::runtime_error("nothing catches this");
    });
  }
  if (mode == "run-with-flush") {
    return langfuse::run_with_flush([] {
      work();
      return 0;
    });
  }
  if (mode == "flush-then-return") {
    work();
    const langfuse::FlushResult result = langfuse::flush(std::chrono::seconds(1));
    return result.pending == observations ? 0 : 1;
  }
  if (mode == "hooks") {
    langfuse::install_exit_hooks();
    work();
    wait_for_the_end();
  }
  if (mode == "hooks-patient") {
    langfuse::install_exit_hooks(langfuse::ExitHookOptions().set_timeout(std::chrono::hours{1}));
    work();
    wait_for_the_end();
  }
  if (mode == "no-hooks") {
    work();
    wait_for_the_end();
  }
  if (mode == "on-signal") return serve_until_on_signal();
  if (mode == "own-handler") return serve_with_the_applications_own_handler();
  if (mode == "ignored") {
    std::signal(SIGTERM, SIG_IGN);
    langfuse::install_exit_hooks();
    work();
    std::raise(SIGTERM);
    return 6;
  }
  if (mode == "restart-without-hook") {
    langfuse::shutdown();
    langfuse::Config config;
    config.exit_hook = false;
    config.flush_interval = langfuse::Seconds{1000};
    langfuse::init(config);
    work();
    return 9;
  }
  if (mode.find("pthread-exit") == 0) leave_main_by_pthread_exit(mode);
  if (mode == "wire") {
    write_in_every_order();
    return 0;
  }
  if (mode == "step-then-wait") {
    auto workflow = langfuse::observe("workflow");
    { auto step = langfuse::observe("step"); }
    langfuse::flush();
    wait_for_the_end();
  }
  std::fprintf(stderr, "no such mode: %s\n", mode.c_str());
  return 99;
}
