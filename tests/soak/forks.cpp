// Forks beside four busy threads: no child hangs, none loses what it records, no id comes twice.
//
// Each child is one of five kinds: it records and leaves by `exit`; records, flushes and leaves by
// `_exit`; records nothing; has a child of its own that records; or has the library say something.
// `--long`: 100 000 children instead of 500. A number: so many.
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/sinks/log_line.h>
#include <langfuse/tracing/observe.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "benchmarks/discard_server.h"

namespace {

using langfuse::SpanId;
using langfuse::TraceId;

constexpr int records_a_child = 3;
constexpr int children_at_once = 16;
constexpr unsigned longest_seconds = 60;  // a child that takes longer hangs, and is killed

// What a child tells of itself, in one write that a pipe does not tear.
struct Ids {
  TraceId trace;
  SpanId spans[records_a_child];
};

struct Result {
  int children = 0;
  int hangs = 0;
  int losses = 0;      // children that ended in another way, or did not deliver
  int collisions = 0;  // of ids
};

int ids_pipe[2];
std::mutex lock_of_on_error;
std::atomic<bool> is_over{false};

void log(const char* text) {
  langfuse::LogLine line;
  line.message = text;
  line.is_from_here = true;
  langfuse::submit(line);
}

bool record() {
  Ids ids;
  for (SpanId& span : ids.spans) {
    auto step = langfuse::observe("child");
    ids.trace = step.trace_id();
    span = step.id();
  }
  log("a line below the process root");
  return write(ids_pipe[1], &ids, sizeof(ids)) == static_cast<ssize_t>(sizeof(ids));
}

bool has_delivered() {
  const langfuse::FlushResult result = langfuse::flush();
  const langfuse::Stats stats = langfuse::stats();
  return result.status == langfuse::FlushStatus::ok && stats.dropped.total() == 0 &&
         stats.delivered == stats.submitted && stats.open == 0;
}

int status_of(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return status;
}

[[noreturn]] void end_as_child(int kind) {
  alarm(longest_seconds);
  switch (kind) {
    case 0:
      std::exit(record() ? 0 : 1);
    case 1:
      _exit(record() && has_delivered() ? 0 : 1);
    case 2:
      _exit(0);
    case 3: {
      const bool is_well = record();
      const pid_t grandchild = fork();
      if (grandchild == 0) end_as_child(1);
      std::exit(is_well && status_of(grandchild) == 0 && has_delivered() ? 0 : 1);
    }
    default: {
      auto step = langfuse::observe("refused");
      step.set_metadata("", 1).end();
      _exit(has_delivered() ? 0 : 1);
    }
  }
}

// All ids that children made so far; twice the same is a collision.
class AllIds {
 public:
  int add(const Ids& ids) {
    int collisions = traces_.insert(text(ids.trace)).second ? 0 : 1;
    for (const SpanId& span : ids.spans) collisions += spans_.insert(text(span)).second ? 0 : 1;
    return collisions;
  }

 private:
  template <class Id>
  static std::string text(const Id& id) {
    return std::string(reinterpret_cast<const char*>(id.bytes), sizeof(id.bytes));
  }

  std::set<std::string> traces_;
  std::set<std::string> spans_;
};

std::vector<std::thread> start_busy_threads() {
  std::vector<std::thread> busy;
  busy.emplace_back([] {
    while (!is_over) {
      auto step = langfuse::observe("busy");
      step.set_metadata("", 1);  // is refused, and said
    }
  });
  busy.emplace_back([] {
    while (!is_over) {
      auto outer = langfuse::observe("busy");
      auto inner = langfuse::observe("busy");
      log("busy");
    }
  });
  busy.emplace_back([] {
    while (!is_over) langfuse::flush(std::chrono::milliseconds(1));
  });
  busy.emplace_back([] {
    while (!is_over) {
      const std::uint64_t source = langfuse::register_flush_source("busy", [](std::int64_t) {});
      langfuse::flush(std::chrono::milliseconds(1));
      langfuse::unregister_flush_source(source);
    }
  });
  return busy;
}

Result fork_children(int children) {
  Result result;
  result.children = children;
  std::vector<std::thread> busy = start_busy_threads();
  AllIds all;
  std::thread reader([&] {
    Ids ids;
    while (read(ids_pipe[0], &ids, sizeof(ids)) == static_cast<ssize_t>(sizeof(ids))) {
      result.collisions += all.add(ids);
    }
  });
  // As many at once as share the machine with the busy threads.
  for (int started = 0, ended = 0; ended < children; ++ended) {
    for (; started < children && started - ended < children_at_once; ++started) {
      if (fork() == 0) end_as_child(started % 5);
    }
    int status = 0;
    wait(&status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
      ++result.hangs;
    } else if (status != 0) {
      ++result.losses;
    }
  }
  is_over = true;
  for (std::thread& thread : busy) thread.join();
  close(ids_pipe[1]);
  reader.join();
  return result;
}

// A process of its own, so that its connections and its memory are not the children's. Ends with
// the last process that has the other end of its input.
std::string start_server() {
  int input[2];
  int output[2];
  if (pipe(input) != 0 || pipe(output) != 0) return {};
  if (fork() == 0) {
    close(input[1]);
    const langfuse_bench::DiscardServer server;
    const std::string url = server.url();
    char ignored = 0;
    const bool is_said = write(output[1], url.data(), url.size()) > 0;
    while (is_said && read(input[0], &ignored, 1) > 0) {
    }
    _exit(0);
  }
  char url[64];
  const ssize_t size = read(output[0], url, sizeof(url));
  return size > 0 ? std::string(url, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

int main(int count, char** arguments) {
  int children = 500;
  for (int i = 1; i < count; ++i) {
    children = std::strcmp(arguments[i], "--long") == 0 ? 100'000 : std::atoi(arguments[i]);
  }
  const std::string url = start_server();
  if (url.empty() || pipe(ids_pipe) != 0) return 2;
  langfuse::Config config;
  config.base_url = url;
  config.public_key = "pk-lf-soak";
  config.secret_key = "sk-lf-soak";
  // A callback with a lock of its own, as those that write to a log have.
  config.on_error = [](const langfuse::Diagnostic&) {
    const std::lock_guard<std::mutex> lock(lock_of_on_error);
  };
  config.flush_timeout = langfuse::Seconds{longest_seconds};
  config.exit_timeout = langfuse::Seconds{longest_seconds};
  if (langfuse::init(config)) return 2;

  const auto began = std::chrono::steady_clock::now();
  const Result result = fork_children(children);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;

  std::printf(
      "forks: %d children in %.0f s beside 4 busy threads: %d hangs, %d lost, %d id collisions\n",
      result.children, took.count(), result.hangs, result.losses, result.collisions);
  return result.hangs + result.losses + result.collisions == 0 ? 0 : 1;
}
