// Forks in the way that its first argument names, and records in parents and children; see
// fork_test.cpp. What a test counts by is the name of an observation: who made it, and which.
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/log_line.h>
#include <langfuse/tracing/current_observation.h>
#include <langfuse/tracing/llm_handler.h>
#include <langfuse/tracing/observe.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// A child that hangs is killed, and seen by its status.
constexpr unsigned longest_seconds = 120;

void record(const std::string& who, int count) {
  for (int i = 0; i < count; ++i) auto step = langfuse::observe(who + " " + std::to_string(i));
}

void log(const std::string& text) {
  langfuse::LogLine line;
  line.message = text;
  line.is_from_here = true;
  langfuse::submit(line);
}

void say_stats(const char* who) {
  const langfuse::Stats stats = langfuse::stats();
  std::printf("%s: submitted %d, delivered %d, dropped %d, open %d, ignored %d, held %d\n", who,
              static_cast<int>(stats.submitted), static_cast<int>(stats.delivered),
              static_cast<int>(stats.dropped.total()), static_cast<int>(stats.open),
              static_cast<int>(stats.ignored_updates), static_cast<int>(stats.held));
  std::fflush(stdout);
}

// Runs `work` in a child, which ends by `exit` with its result.
pid_t start_child(const std::function<int()>& work) {
  std::fflush(stdout);  // once, by whom it is
  const pid_t child = fork();
  if (child != 0) return child;
  alarm(longest_seconds);
  std::exit(work());
}

// Its exit status; 1000 and the signal that killed it.
int wait_for(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int run_in_child(const std::function<int()>& work) {
  return wait_for(start_child(work));
}

int thread_count() {
  DIR* const tasks = opendir("/proc/self/task");
  int count = 0;
  while (const dirent* const entry = readdir(tasks)) count += entry->d_name[0] != '.' ? 1 : 0;
  closedir(tasks);
  return count;
}

int fork_once() {
  record("parent", 3);
  return run_in_child([] {
    record("child", 5);
    langfuse::flush();
    say_stats("child");
    return 0;
  });
}

int fork_for_nothing() {
  record("parent", 3);
  const int threads = run_in_child(thread_count);
  std::printf("threads of a child: %d\n", threads);
  const int after_questions = run_in_child([] {
    const bool is_enabled = langfuse::enabled();
    const bool has_numbers = langfuse::stats().submitted != 0;
    return thread_count() + (is_enabled ? 0 : 10) + (has_numbers ? 20 : 0);
  });
  std::printf("threads of a child that asks: %d\n", after_questions);
  return 0;
}

// `outer` is open in both; so is what the child leaves by the end of its scope.
int fork_in_a_scope() {
  auto outer = langfuse::observe("outer");
  pid_t child = 0;
  {
    auto middle = langfuse::observe("middle");
    child = fork();
    if (child == 0) {
      alarm(longest_seconds);
      auto inner = langfuse::observe("inner");
      langfuse::current_observation().set_metadata("of", "inner");
      inner.end();
      langfuse::current_observation().set_metadata("of", "the parent's");
      log("below middle");
    } else if (wait_for(child) != 0) {
      return 1;
    }
  }
  if (child != 0) return 0;
  log("below outer");
  outer.set_output("the parent's").end();
  langfuse::flush();
  say_stats("child");
  std::exit(0);
}

int fork_twice() {
  record("parent", 2);
  return run_in_child([] {
    record("child", 2);
    const int status = run_in_child([] {
      record("grandchild", 2);
      return run_in_child([] {
        record("great-grandchild", 2);
        return 0;
      });
    });
    record("child again", 2);
    return status;
  });
}

// As a daemon begins: its parent is gone, its descriptors are closed.
int become_a_daemon() {
  record("parent", 2);
  langfuse::flush();
  return run_in_child([] {
    setsid();
    const pid_t daemon = fork();
    if (daemon != 0) _exit(0);
    alarm(longest_seconds);
    for (int descriptor = 3; descriptor < 1024; ++descriptor) close(descriptor);
    record("daemon", 2);
    return 0;
  });
}

// Workers that the master ends by SIGTERM, as prefork servers do.
int serve() {
  constexpr int workers = 8;
  langfuse::install_exit_hooks();
  record("master", 2);
  int ends[2];
  if (pipe(ends) != 0) return 1;
  std::vector<pid_t> children;
  for (int worker = 0; worker < workers; ++worker) {
    children.push_back(start_child([&ends, worker] {
      record("worker " + std::to_string(worker), 3);
      if (write(ends[1], "r", 1) != 1) return 1;
      while (true) pause();
    }));
  }
  for (int worker = 0; worker < workers; ++worker) {
    char ready = 0;
    if (read(ends[0], &ready, 1) != 1) return 2;
  }
  for (const pid_t child : children) kill(child, SIGTERM);
  for (const pid_t child : children) {
    if (wait_for(child) != 1000 + SIGTERM) return 3;
  }
  return 0;
}

int end_children_in_all_ways() {
  record("parent", 1);
  const int by_exit = run_in_child([] {
    record("by exit", 1);
    return 7;
  });
  const int by_underscore_exit = run_in_child([]() -> int {
    record("by _exit after a flush", 1);
    langfuse::flush();
    record("lost", 1);
    _exit(8);
  });
  const int by_abort = run_in_child([]() -> int {
    signal(SIGABRT, SIG_DFL);
    record("lost", 1);
    std::abort();
  });
  const int by_exec = run_in_child([]() -> int {
    execl("/bin/true", "true", static_cast<char*>(nullptr));
    return 1;
  });
  const int by_shutdown = run_in_child([]() -> int {
    record("by shutdown", 1);
    langfuse::shutdown();
    _exit(9);
  });
  std::printf("%d %d %d %d %d\n", by_exit, by_underscore_exit, by_abort, by_exec, by_shutdown);
  return 0;
}

pid_t fork_without_handlers(bool is_raw) {
  if (is_raw) return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0));
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
  return _Fork();
#else
  return fork();
#endif
}

// No other thread is in malloc, whose locks nobody sees to here: the flusher waits.
int fork_past_the_handlers() {
  record("parent", 1);
  langfuse::flush();
  for (const bool is_raw : {false, true}) {
    const pid_t child = fork_without_handlers(is_raw);
    if (child == 0) {
      alarm(longest_seconds);
      record(is_raw ? "raw clone" : "_Fork", 2);
      std::exit(langfuse::stats().submitted == 2 ? 0 : 1);
    }
    const int status = wait_for(child);
    if (status != 0) return status;
  }
  return 0;
}

int log_in_eighteen_children() {
  log("parent");
  for (int i = 0; i < 6; ++i) {
    const int status = run_in_child([i] {
      const std::string name = "child " + std::to_string(i);
      const int first = run_in_child([&name] {
        log(name + " first");
        return 0;
      });
      log(name);
      return first + run_in_child([&name] {
               log(name + " second");
               return 0;
             });
    });
    if (status != 0) return status;
  }
  return 0;
}

int keep_on_error() {
  auto outer = langfuse::observe("outer");
  const int with_error = run_in_child([] {
    { auto quiet = langfuse::observe("before the error"); }
    auto error = langfuse::observe("the error");
    error.set_level(langfuse::Level::error).end();
    langfuse::flush();
    say_stats("with an error");
    return 0;
  });
  const int without = run_in_child([] {
    { auto quiet = langfuse::observe("no error"); }
    langfuse::flush();
    say_stats("without");
    return 0;
  });
  return with_error + without;
}

int after_shutdown() {
  record("parent", 1);
  langfuse::shutdown();
  return run_in_child([] {
    record("lost", 1);
    std::printf("%s\n", langfuse::why_disabled().c_str());
    return 0;
  });
}

int initialise_in_the_child() {
  record("parent", 1);
  return run_in_child([] {
    langfuse::Config config;
    config.service_name = "child";
    const langfuse::Error error = langfuse::init(config);
    record("child", 1);
    return error ? 1 : 0;
  });
}

int fork_with_runs_of_a_handler() {
  langfuse::LlmHandler handler;
  handler.on_llm_start("run", "of the parent", "input");
  const int status = run_in_child([&handler] {
    handler.on_llm_end("run");
    handler.on_llm_start("own", "of the child", "input");
    handler.on_llm_end("own");
    return static_cast<int>(handler.stats().ignored) - 1;
  });
  handler.on_llm_end("run");
  return status;
}

// Its flush sources are the parent's, too.
int fork_with_a_flush_source() {
  langfuse::register_flush_source("one", [](std::int64_t) { record("at a flush", 1); });
  langfuse::flush();
  return run_in_child([] {
    record("child", 1);
    return langfuse::flush().status == langfuse::FlushStatus::ok ? 0 : 1;
  });
}

std::atomic<bool> is_over{false};

// The library says something all the time, records and flushes, while others fork.
int fork_while_all_is_busy(int children) {
  std::vector<std::thread> busy;
  busy.emplace_back([] {
    while (!is_over) {
      auto step = langfuse::observe("busy");
      step.set_metadata("", 1);
    }
  });
  busy.emplace_back([] {
    while (!is_over) record("busy", 1);
  });
  busy.emplace_back([] {
    while (!is_over) langfuse::flush(std::chrono::milliseconds(1));
  });
  busy.emplace_back([] {
    while (!is_over) {
      const std::uint64_t id = langfuse::register_flush_source("source", [](std::int64_t) {});
      log("busy");
      langfuse::unregister_flush_source(id);
    }
  });
  int bad = 0;
  for (int i = 0; i < children; ++i) {
    bad += run_in_child([i] {
             auto step = langfuse::observe("child " + std::to_string(i));
             step.set_metadata("", 1).end();
             return langfuse::flush().status == langfuse::FlushStatus::ok ? 0 : 1;
           }) != 0
               ? 1
               : 0;
  }
  is_over = true;
  for (std::thread& thread : busy) thread.join();
  return bad;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (mode == "before-init") {
    const int status = run_in_child([] {
      langfuse::init();
      record("child", 2);
      return 0;
    });
    langfuse::init();
    record("parent", 2);
    return status;
  }
  const std::map<std::string, int (*)()> modes = {
      {"once", fork_once},
      {"nothing", fork_for_nothing},
      {"scope", fork_in_a_scope},
      {"twice", fork_twice},
      {"daemon", become_a_daemon},
      {"prefork", serve},
      {"ends", end_children_in_all_ways},
      {"past-handlers", fork_past_the_handlers},
      {"roots", log_in_eighteen_children},
      {"keep-on-error", keep_on_error},
      {"after-shutdown", after_shutdown},
      {"init", initialise_in_the_child},
      {"handler", fork_with_runs_of_a_handler},
      {"source", fork_with_a_flush_source},
      {"busy", [] { return fork_while_all_is_busy(10); }},
  };
  const auto found = modes.find(mode);
  if (found == modes.end()) return 99;
  langfuse::init();
  return found->second();
}
