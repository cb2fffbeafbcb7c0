// The server that the scenarios send to, as a process of its own: its time is not that of the
// programs that are measured. Prints its address, and ends when its standard input does.
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "benchmarks/discard_server.h"

int main() {
  try {
    const langfuse_bench::DiscardServer server;
    std::printf("%s\n", server.url().c_str());
    std::fflush(stdout);
    char ignored[64];
    while (read(STDIN_FILENO, ignored, sizeof(ignored)) > 0) {
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
