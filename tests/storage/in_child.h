// Something that only another process can do or show.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace langfuse_test {

// Runs it in a forked child, which ends with what it returns; the wait status.
template <class Work>
int in_child(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace langfuse_test
