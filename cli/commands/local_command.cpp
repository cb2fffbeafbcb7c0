#include "cli/commands/local_command.h"

#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/program/browser.h"
#include "cli/program/command_line.h"
#include "cli/program/value_checks.h"
#include "cli/terminal/command_error.h"
#include "receiver/http/http_server.h"
#include "receiver/server.h"
#include "receiver/store/store.h"

namespace langfuse_cli {
namespace {

struct LocalOptions {
  int port = 3000;       // 0: the system chooses
  std::string database;  // empty: in memory
  std::string keys = "pk-lf-local:sk-lf-local";
  bool open = false;  // show the page in a browser
  // Whole traces are removed beyond these, the ones written to longest ago first; 0: no limit.
  std::int64_t max_traces = 0;
  std::int64_t max_bytes = 0;
};

constexpr const char* local_help =
    "Receives from any Langfuse SDK and any OTLP/HTTP exporter on this machine. Prints the three\n"
    "lines for the environment of the programs that send to it.\n"
    "\n"
    "Examples:\n"
    "  langfuse-cpp local                        on port 3000, in memory\n"
    "  langfuse-cpp local --open                 opens its page in a browser\n"
    "  langfuse-cpp local --db traces.db         keeps the traces in a file\n"
    "  langfuse-cpp local --db traces.db --max-traces 10000 --max-bytes 2GB\n"
    "  langfuse-cpp local --keys pk-lf-a:sk-lf-b";

// An empty name, from a variable that is not set for instance, must not mean "in memory".
std::string complaint_about_file(const std::string& name) {
  return name.empty() ? "the name of the file is empty" : "";
}

langfuse_receiver::ServerOptions server_options(const LocalOptions& options) {
  const std::size_t colon = options.keys.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == options.keys.size()) {
    throw CommandError("--keys: expected PUBLIC:SECRET, for instance pk-lf-local:sk-lf-local");
  }
  langfuse_receiver::ServerOptions server;
  server.database = options.database;
  server.public_key = options.keys.substr(0, colon);
  server.secret_key = options.keys.substr(colon + 1);
  server.max_traces = options.max_traces;
  server.max_database_bytes = options.max_bytes;
  return server;
}

// As a shell takes it for one word.
std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyz"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-_./:") == std::string::npos;
  if (plain) {
    return text;
  }
  std::string word = "'";
  for (const char c : text) {
    word += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return word + "'";
}

[[noreturn]] void explain(const langfuse_receiver::PortError& error, const LocalOptions& options) {
  std::string text = error.what();
  if (error.next_free != 0) {
    text += "\nThe next free port is " + std::to_string(error.next_free) +
            ":\n  langfuse-cpp local --port " + std::to_string(error.next_free);
    if (!options.database.empty()) {
      text += " --db " + shell_word(options.database);
    }
    if (options.keys != LocalOptions().keys) {
      text += " --keys " + shell_word(options.keys);
    }
    if (options.max_traces != 0) {
      text += " --max-traces " + std::to_string(options.max_traces);
    }
    if (options.max_bytes != 0) {
      text += " --max-bytes " + std::to_string(options.max_bytes);
    }
    if (options.open) {
      text += " --open";
    }
  }
  throw CommandError(text);
}

// The first line is for programs: it stays as it is.
void print_welcome(const std::string& url, const langfuse_receiver::ServerOptions& server) {
  const std::string data = server.database.empty()
                               ? "in memory, gone when this ends (--db FILE keeps it)"
                               : server.database;
  std::printf(
      "listening on %s\n"
      "\n"
      "  page  %s\n"
      "  data  %s\n"
      "\n"
      "Paste this where your program runs:\n"
      "\n"
      "  export LANGFUSE_BASE_URL=%s\n"
      "  export LANGFUSE_PUBLIC_KEY=%s\n"
      "  export LANGFUSE_SECRET_KEY=%s\n"
      "\n"
      "Ctrl-C stops it.\n",
      url.c_str(), url.c_str(), data.c_str(), url.c_str(), server.public_key.c_str(),
      server.secret_key.c_str());
  std::fflush(stdout);
}

// Ctrl-C, `kill`, and a terminal that is closed, but for a process that `nohup` protects from it.
sigset_t signals_that_stop() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  struct sigaction hang_up {};
  ::sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) {
    ::sigaddset(&signals, SIGHUP);
  }
  return signals;
}

int run_local(const LocalOptions& options) {
  const langfuse_receiver::ServerOptions server = server_options(options);
  const sigset_t stop_signals = signals_that_stop();
  ::pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  // A reader of standard output that is gone is no reason to end.
  ::signal(SIGPIPE, SIG_IGN);
  try {
    langfuse_receiver::Server receiver(server);
    receiver.start(options.port);
    print_welcome(receiver.url(), server);
    if (options.open && !open_in_browser(receiver.url())) {
      std::fprintf(stderr,
                   "langfuse-cpp: warning: no browser could be started; the page is at %s\n",
                   receiver.url().c_str());
    }
    int signal = 0;
    ::sigwait(&stop_signals, &signal);
    receiver.stop();
    std::printf("\nstopped after %lld observations\n",
                static_cast<long long>(receiver.observation_count()));
  } catch (const langfuse_receiver::PortError& error) {
    explain(error, options);
  } catch (const langfuse_receiver::StoreError& error) {
    throw CommandError(error.what());
  }
  return 0;
}

}  // namespace

void add_local(CommandLine& program) {
  const auto options = std::make_shared<LocalOptions>();
  Command local = program.add("local", "receive traces on this machine and show them in a browser",
                              [options] { return run_local(*options); });
  local.option("--port", options->port, "port on 127.0.0.1; 0 lets the system choose")
      .value("PORT")
      .range(0, 65535)
      .with_default();
  const DeclaredOption database =
      local.option("--db", options->database, "keep the data in this SQLite file")
          .value("FILE")
          .check(complaint_about_file);
  local.flag("--memory", "keep the data in memory only (the default)").excludes(database);
  local.option("--keys", options->keys, "the keys that clients must use, PUBLIC:SECRET")
      .value("KEYS")
      .with_default();
  local
      .option("--max-traces", options->max_traces,
              "the most traces to keep; the least recently written goes first")
      .check(complaint_about_count)
      .value("NUMBER");
  local.option("--max-bytes", options->max_bytes, "the most data to keep, for instance 500MB")
      .size()
      .check(complaint_about_count)
      .value("SIZE");
  local.flag("--open", options->open, "open the page in a browser");
  local.help(local_help);
}

}  // namespace langfuse_cli
