// The local receiver as a process of its own, for end-to-end tests: starts the built program with
// `local --memory --port 0`, reads the address that it prints, and ends exactly that process in the
// destructor. Tests that need no separate process use `langfuse_receiver::Server`
// (receiver/server.h).
//
//   const langfuse_test::ReceiverProcess receiver(LANGFUSE_PROGRAM);
//   config.base_url = receiver.url();
//   …
//   receiver.get("/api/public/v2/observations?limit=10");

#pragma once

#include <signal.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/http_client.h"

namespace langfuse_test {

class ReceiverProcess {
 public:
  explicit ReceiverProcess(const std::string& program, const std::vector<std::string>& more = {})
      : child_(command_line(program, more)) {
    const std::string line = child_.read_line();
    const std::string prefix = "listening on ";
    if (line.compare(0, prefix.size(), prefix) != 0) {
      throw std::runtime_error("the receiver did not start: " + line);
    }
    url_ = line.substr(prefix.size());
  }

  const std::string& url() const { return url_; }
  const char* public_key() const { return "pk-lf-local"; }
  const char* secret_key() const { return "sk-lf-local"; }

  // The body of the answer to `GET path` with the receiver's keys; throws if it is not 200.
  std::string get(const std::string& path) const {
    HttpClient client(url_);
    client.set_basic_auth(public_key(), secret_key());
    HttpAnswer answer = client.get(path);
    if (answer.status != 200) {
      throw std::runtime_error("GET " + path + " failed: " + (answer ? answer.body : answer.error));
    }
    return std::move(answer.body);
  }

  // Ends the receiver before the destructor does; returns its wait status.
  int end(int signal = SIGTERM) { return child_.end(signal); }

 private:
  static std::vector<std::string> command_line(const std::string& program,
                                               const std::vector<std::string>& more) {
    std::vector<std::string> command{program, "local", "--port", "0"};
    if (more.empty()) {
      command.emplace_back("--memory");
    }
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  langfuse::testing::ChildProcess child_;
  std::string url_;
};

}  // namespace langfuse_test
