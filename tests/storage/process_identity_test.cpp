#include "storage/process_identity.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/in_child.h"
#include "tests/support/temporary_folder.h"

namespace langfuse_test {
namespace {

using langfuse::internal::is_running;
using langfuse::internal::is_this_process;
using langfuse::internal::ProcessIdentity;
using langfuse::internal::this_process;

TEST(ProcessIdentity, TellsProcessesApart) {
  const ProcessIdentity own = this_process();

  EXPECT_TRUE(is_running(own));
  EXPECT_TRUE(is_this_process(own));
  ProcessIdentity earlier = own;
  --earlier.start_time;
  EXPECT_FALSE(is_running(earlier));
  ProcessIdentity before_boot = own;
  before_boot.boot_id[0] ^= 1;
  EXPECT_FALSE(is_running(before_boot));
  EXPECT_EQ(in_child([&] {
              const ProcessIdentity child = this_process();
              return is_this_process(own) || !is_running(own) || child.copy == own.copy ? 1 : 0;
            }),
            0);
}

TEST(ProcessIdentity, WithoutProcEveryProcessMayBeRunning) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can change the root";
  const TemporaryFolder folder;
  const ProcessIdentity own = this_process();

  EXPECT_EQ(in_child([&] {
              if (chroot(folder.path().c_str()) != 0) return 2;
              return is_running(own) ? 0 : 1;
            }),
            0);
}

TEST(ProcessIdentity, AZombieHasEnded) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    const ProcessIdentity own = this_process();
    if (write(ends[1], &own, sizeof(own)) != sizeof(own)) _exit(1);
    pause();
    _exit(0);
  }
  ProcessIdentity identity;
  ASSERT_EQ(read(ends[0], &identity, sizeof(identity)), static_cast<ssize_t>(sizeof(identity)));
  close(ends[0]);
  close(ends[1]);
  EXPECT_TRUE(is_running(identity));

  siginfo_t ended{};
  kill(child, SIGKILL);
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);

  EXPECT_FALSE(is_running(identity));
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace langfuse_test
