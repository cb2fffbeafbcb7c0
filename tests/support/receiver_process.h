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

#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace langfuse_test {

// A child whose standard output can be read line by line. Standard error is this process's own.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& command) {
    std::array<int, 2> pipe_ends{};
    if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe failed");
    }
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) {
      arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      // A test that crashes takes its servers with it. REQUIRES: the thread that started the child
      // outlives it.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(pipe_ends[1], STDOUT_FILENO);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(pipe_ends[1]);
    output_ = pipe_ends[0];
  }
  ~ChildProcess() {
    if (pid_ > 0) {
      end(SIGKILL);
    }
    ::close(output_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Without the line break; what is left when the child closed its output.
  std::string read_line() {
    std::string line;
    char c = '\0';
    while (::read(output_, &c, 1) == 1 && c != '\n') {
      line += c;
    }
    return line;
  }

  // Sends `signal`, waits, and returns the wait status.
  int end(int signal) {
    ::kill(pid_, signal);
    return wait();
  }

  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

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
    httplib::Client client(url_);
    client.set_basic_auth(public_key(), secret_key());
    const httplib::Result result = client.Get(path);
    if (!result || result->status != 200) {
      throw std::runtime_error("GET " + path + " failed: " +
                               (result ? result->body : httplib::to_string(result.error())));
    }
    return result->body;
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

  ChildProcess child_;
  std::string url_;
};

}  // namespace langfuse_test
