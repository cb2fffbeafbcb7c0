// Child processes for tests that look at a program from outside: how it ends, and what it says.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

extern char** environ;

namespace langfuse::testing {

// One started program. Its standard input and output are pipes to us; what it has not ended by the
// destructor is killed, by its own process id.
class ChildProcess {
 public:
  // `command`: the path of the program and its arguments. `environment`: set in addition to ours;
  // an empty value unsets. REQUIRES: the calling thread outlives the program.
  explicit ChildProcess(const std::vector<std::string>& command,
                        const std::map<std::string, std::string>& environment = {}) {
    if (access(command.front().c_str(), X_OK) != 0) {
      throw std::runtime_error("cannot start " + command.front());
    }
    int ends[2];
    int input_ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 || pipe2(input_ends, O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
    output_ = ends[0];
    input_ = input_ends[1];
    // Made before the fork: the child of a program with threads may not allocate.
    std::vector<std::string> variables = merged(environment);
    std::vector<std::string> arguments = command;
    const std::vector<char*> argument_pointers = pointers(arguments);
    const std::vector<char*> variable_pointers = pointers(variables);
    pid_ = fork();
    if (pid_ == 0) {
      // A test that crashes takes its children with it.
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      // Whoever runs the tests may ignore some, as `nohup` does.
      for (const int signal : {SIGHUP, SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
      dup2(input_ends[0], STDIN_FILENO);
      dup2(ends[1], STDOUT_FILENO);
      execve(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
      _exit(127);
    }
    close(ends[1]);
    close(input_ends[0]);
    if (pid_ < 0) throw std::runtime_error("no process");
  }
  ~ChildProcess() {
    if (pid_ > 0) end(SIGKILL);
    close_input();
    close(output_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void send(int signal) const { kill(pid_, signal); }

  // To its standard input. REQUIRES: it has not ended, and reads.
  void write(const std::string& text) const {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t count = ::write(input_, text.data() + done, text.size() - done);
      if (count < 0) throw std::runtime_error("cannot write to the program");
      done += static_cast<std::size_t>(count);
    }
  }
  // Its standard input ends here.
  void close_input() {
    if (input_ >= 0) close(input_);
    input_ = -1;
  }

  // The next line of its standard output, without the line break; empty at the end.
  std::string read_line() {
    std::string line;
    char c = 0;
    while (read(output_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }

  // Everything that is left of its standard output.
  std::string read_all() {
    std::string text;
    char buffer[4096];
    while (true) {
      const ssize_t count = read(output_, buffer, sizeof(buffer));
      if (count <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(count));
    }
  }

  // Waits for its end; the wait status, for `WIFEXITED` and the like.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  // Sends `signal`, and waits.
  int end(int signal) {
    send(signal);
    return wait();
  }

 private:
  static std::vector<std::string> merged(std::map<std::string, std::string> environment) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string text = *variable;
      if (environment.count(text.substr(0, text.find('='))) == 0) variables.push_back(text);
    }
    for (const auto& [name, value] : environment) {
      if (!value.empty()) variables.push_back(name + "=" + value);
    }
    return variables;
  }

  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
};

// What a program returned and said.
struct Ended {
  int status = 0;  // -1: a signal ended it
  std::string output;
};

// Runs a command of the shell to its end, standard error included in the output.
inline Ended run_in_shell(const std::string& command) {
  ChildProcess child({"/bin/sh", "-c", "exec " + command + " 2>&1"});
  Ended ended;
  ended.output = child.read_all();
  const int status = child.wait();
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

}  // namespace langfuse::testing
