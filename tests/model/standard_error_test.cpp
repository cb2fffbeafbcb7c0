// No diagnostic ever waits for whoever reads standard error, whatever that is; what was not written
// is counted and said later.
#include "model/standard_error.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "model/diagnostics.h"

namespace langfuse::internal {
namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) { EXPECT_GE(descriptor, 0); }
  ~File() { close_now(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int get() const { return descriptor_; }
  void close_now() {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
  }
  int flags() const { return fcntl(descriptor_, F_GETFL); }
  void set_flags(int flags) const { EXPECT_EQ(fcntl(descriptor_, F_SETFL, flags), 0); }

  // Writes until nothing more goes in, without a flag that stays.
  void fill() const {
    const int before = flags();
    set_flags(before | O_NONBLOCK);
    const std::string text(4096, 'x');
    for (const std::size_t size : {text.size(), std::size_t{1}}) {
      while (write(descriptor_, text.data(), size) > 0) {
      }
    }
    set_flags(before);
  }

  // All that is there now.
  std::string take() const {
    const int before = flags();
    set_flags(before | O_NONBLOCK);
    std::string text;
    std::array<char, 4096> buffer{};
    ssize_t count = 0;
    while ((count = read(descriptor_, buffer.data(), buffer.size())) > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    set_flags(before);
    return text;
  }

 private:
  int descriptor_;
};

// Descriptor 2 is what a test puts there, until the end of the test.
class StandardError : public ::testing::Test {
 protected:
  StandardError() { configure_diagnostics({}); }
  ~StandardError() override {
    EXPECT_EQ(dup2(old_.get(), STDERR_FILENO), STDERR_FILENO);
    configure_diagnostics({});
  }

  static void put(const File& file) { ASSERT_EQ(dup2(file.get(), STDERR_FILENO), STDERR_FILENO); }
  static std::pair<int, int> ends_of_a_pipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    return {ends[0], ends[1]};
  }

  const File old_{dup(STDERR_FILENO)};
};

TEST_F(StandardError, ThatIsAFullPipeIsNotWaitedForAndWhatItDidNotTakeIsSaidLater) {
  const auto [out, in] = ends_of_a_pipe();
  const File reader(out);
  const File writer(in);
  writer.fill();
  put(writer);
  const int flags = writer.flags();

  report(Diagnostic::Severity::warning, "first");
  report(Diagnostic::Severity::warning, "second");
  reader.take();
  report(Diagnostic::Severity::error, "third");

  EXPECT_EQ(reader.take(), "langfuse: error: third (2 more before this could not be written)\n");
  EXPECT_EQ(writer.flags(), flags) << "the host's writes still wait as they did";
}

TEST_F(StandardError, LosesNoCountOfWhatTheLimitHeldBack) {
  const auto [out, in] = ends_of_a_pipe();
  const File reader(out);
  const File writer(in);
  put(writer);

  class Clock : public TimeSource {
   public:
    SteadyTime now() const noexcept override { return time; }
    SteadyTime time{std::chrono::hours(1)};
  } clock;
  DiagnosticsOptions options;
  options.time = &clock;
  options.debug = true;
  configure_diagnostics(std::move(options));
  report(Diagnostic::Severity::warning, "written");
  report(Diagnostic::Severity::warning, "held back");
  writer.fill();
  clock.time += std::chrono::seconds(2);
  report(Diagnostic::Severity::warning, "not written");
  report_debug("nor this");
  EXPECT_EQ(reader.take().substr(0, 27), "langfuse: warning: written\n");
  clock.time += std::chrono::seconds(2);
  report(Diagnostic::Severity::warning, "written");

  EXPECT_EQ(reader.take(),
            "langfuse: warning: written (3 more before this, 2 of them could not be written)\n");
}

TEST_F(StandardError, ThatIsAPipeWithoutAReaderDoesNotEndTheProgram) {
  const auto [out, in] = ends_of_a_pipe();
  File reader(out);
  const File writer(in);
  put(writer);
  reader.close_now();

  EXPECT_FALSE(write_to_standard_error("nobody reads this\n"));

  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

TEST_F(StandardError, ThatIsASocketIsNotWaitedFor) {
  std::array<int, 2> ends{-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  File reader(ends[0]);
  const File writer(ends[1]);
  put(writer);
  EXPECT_TRUE(write_to_standard_error("one line\n"));
  EXPECT_EQ(reader.take(), "one line\n");
  writer.fill();
  const int flags = writer.flags();

  EXPECT_FALSE(write_to_standard_error("one line\n"));

  EXPECT_EQ(writer.flags(), flags);
  reader.close_now();
  EXPECT_FALSE(write_to_standard_error("nobody reads this\n"));
}

TEST_F(StandardError, ThatIsAStoppedTerminalIsNotWaitedFor) {
  const File master(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_EQ(grantpt(master.get()), 0);
  ASSERT_EQ(unlockpt(master.get()), 0);
  const File terminal(open(ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  put(terminal);
  EXPECT_TRUE(write_to_standard_error("one line\n"));
  ASSERT_EQ(tcflow(terminal.get(), TCOOFF), 0);

  EXPECT_FALSE(write_to_standard_error("one line\n"));

  ASSERT_EQ(tcflow(terminal.get(), TCOON), 0);
  EXPECT_TRUE(write_to_standard_error("another\n"));
  EXPECT_EQ(master.take(), "one line\r\nanother\r\n");
}

TEST_F(StandardError, ThatIsAFileGetsEveryLine) {
  std::string name = ::testing::TempDir() + "langfuse-standard-error-XXXXXX";
  const File file(mkstemp(name.data()));
  unlink(name.c_str());
  put(file);

  EXPECT_TRUE(write_to_standard_error("one\n"));
  EXPECT_TRUE(write_to_standard_error("two\n"));

  lseek(file.get(), 0, SEEK_SET);
  EXPECT_EQ(file.take(), "one\ntwo\n");
}

TEST_F(StandardError, ThatIsAFileAtTheLimitOfItsSizeDoesNotEndTheProgram) {
  std::string name = ::testing::TempDir() + "langfuse-standard-error-XXXXXX";
  const File file(mkstemp(name.data()));
  unlink(name.c_str());
  put(file);
  EXPECT_TRUE(write_to_standard_error("one\n"));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit limited = before;
  limited.rlim_cur = 4;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limited), 0);

  const bool is_written = write_to_standard_error("two\n");

  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(is_written);
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGXFSZ), 0);
}

TEST_F(StandardError, ThatIsClosedIsNoError) {
  close(STDERR_FILENO);

  EXPECT_FALSE(write_to_standard_error("nowhere\n"));
}

TEST_F(StandardError, ThatAnotherThreadHasLockedIsNotWaitedFor) {
  const auto [out, in] = ends_of_a_pipe();
  const File reader(out);
  const File writer(in);
  put(writer);
  std::promise<void> is_locked;
  std::promise<void> may_unlock;
  std::thread host([&] {
    flockfile(stderr);
    is_locked.set_value();
    may_unlock.get_future().wait();
    funlockfile(stderr);
  });
  is_locked.get_future().wait();

  report(Diagnostic::Severity::warning, "all the same");

  may_unlock.set_value();
  host.join();
  EXPECT_EQ(reader.take(), "langfuse: warning: all the same\n");
}

TEST_F(StandardError, ThatMayNotBeOpenedAgainIsNotWaitedForEither) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can take away a right of its own";
  const auto [out, in] = ends_of_a_pipe();
  const File reader(out);
  const File writer(in);
  put(writer);
  ASSERT_EQ(seteuid(65534), 0);

  const bool is_taken = write_to_standard_error("one line\n");
  const std::string taken = reader.take();
  writer.fill();
  const bool is_taken_when_full = write_to_standard_error("one line\n");

  ASSERT_EQ(seteuid(0), 0);
  EXPECT_TRUE(is_taken);
  EXPECT_EQ(taken, "one line\n");
  EXPECT_FALSE(is_taken_when_full);
}

}  // namespace
}  // namespace langfuse::internal
