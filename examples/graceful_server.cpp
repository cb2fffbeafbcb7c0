// A server that ends gracefully on SIGTERM and SIGINT, with the library's hooks: `on_signal` stops
// the server, requests in flight are finished, `main` returns its own status, and no observation is
// lost.
//
//   graceful_server &
//   curl -d 'How are you?' http://127.0.0.1:<port>/answer
//   kill -TERM $!
#include <httplib.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <string>
#include <utility>

#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_attach.h"
#include "langfuse/tracing/observe.h"

namespace {

std::string answer(const std::string& question) {
  auto step = langfuse::observe();
  step.set_input(question);
  std::string text = "You asked: " + question;
  spdlog::info("answering {} bytes", question.size());
  step.set_output(text);
  return text;
}

}  // namespace

int main() {
  spdlog::set_default_logger(spdlog::stderr_color_mt("server"));
  langfuse::init();
  langfuse::attach(spdlog::default_logger());

  httplib::Server server;
  server.set_keep_alive_timeout(1);
  server.Post("/answer", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(answer(request.body), "text/plain");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  if (port <= 0) {
    std::fprintf(stderr, "graceful_server: no free port\n");
    return 1;
  }

  langfuse::ExitHookOptions hooks;
  hooks.set_on_signal([&server](int signal) {
    server.stop();
    std::printf("signal %d: no new requests\n", signal);
    std::fflush(stdout);
  });
  langfuse::install_exit_hooks(std::move(hooks));

  std::printf("listening on http://127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server.listen_after_bind();  // returns after the last request was answered

  const langfuse::FlushResult flush = langfuse::shutdown();
  std::printf("stopped, %llu pending\n", static_cast<unsigned long long>(flush.pending));
  return flush.ok() ? 0 : 1;
}
