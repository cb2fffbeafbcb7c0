// A server that ends gracefully on SIGTERM and SIGINT, with a signal handler of its own; the
// library installs none. It answers lines from standard input until a signal or the end of the
// input. Then it finishes the current line, and calls `langfuse::shutdown()` before `main` returns.
#include <poll.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>

#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/tracing/observe.h"

namespace {

volatile std::sig_atomic_t received_signal = 0;

void remember(int signal) {
  received_signal = signal;
}

// Blocks the signals except while the server waits, so that none arrives between the test of
// `received_signal` and the wait. Returns the mask for the wait.
sigset_t install_handler() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  struct sigaction action = {};
  action.sa_handler = remember;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  return before;
}

void answer(const std::string& question) {
  auto step = langfuse::observe();
  step.set_input(question);
  spdlog::info("answering {} bytes", question.size());
  std::printf("You asked: %s\n", question.c_str());
  std::fflush(stdout);
  step.set_output(question);
}

// Answers each complete line, and removes it from `input`.
void answer_lines(std::string& input) {
  for (std::size_t end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
    answer(input.substr(0, end));
    input.erase(0, end + 1);
  }
}

void serve(const sigset_t& mask_while_waiting) {
  std::string input;
  while (received_signal == 0) {
    pollfd standard_input = {STDIN_FILENO, POLLIN, 0};
    if (ppoll(&standard_input, 1, nullptr, &mask_while_waiting) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    char buffer[4096];
    const ssize_t count = read(STDIN_FILENO, buffer, sizeof(buffer));
    if (count <= 0) return;
    input.append(buffer, static_cast<std::size_t>(count));
    answer_lines(input);
  }
  spdlog::info("signal {}: stopping", static_cast<int>(received_signal));
}

}  // namespace

int main() {
  const sigset_t mask_while_waiting = install_handler();
  spdlog::set_default_logger(spdlog::stderr_color_mt("server"));
  langfuse::init();
  langfuse::attach(spdlog::default_logger());

  std::printf("ready\n");
  std::fflush(stdout);
  serve(mask_while_waiting);

  const langfuse::FlushResult flush = langfuse::shutdown();
  std::printf("stopped, %llu pending\n", static_cast<unsigned long long>(flush.pending));
  return flush.ok() ? 0 : 1;
}
