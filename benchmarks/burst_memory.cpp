// What stays of the memory that a burst took: what the process has resident, by kind of memory, and
// what of the heap is in use, before the burst, after it, and half a minute later.
//
//   langfuse_discard_server      prints its URL, and ends when its standard input does
//   langfuse_burst_memory URL
#include <langfuse/config.h>
#include <langfuse/langfuse.h>
#include <langfuse/tracing/observe.h>
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int bursting_threads = 8;
constexpr int scopes_a_thread = 20'000;

// In KB.
struct Resident {
  long files = 0;   // code and data of the program and its libraries
  long heap = 0;    // grown by the program break
  long others = 0;  // chunks of records, heaps of other threads, stacks, large blocks
  long all() const { return files + heap + others; }
};

Resident resident() {
  Resident sum;
  std::ifstream mappings("/proc/self/smaps");
  long* kind = &sum.others;
  for (std::string line; std::getline(mappings, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "Rss:") {
      long kilobytes = 0;
      words >> kilobytes;
      *kind += kilobytes;
    } else if (!first.empty() && first.back() != ':') {
      const bool is_file = line.find('/') != std::string::npos;
      const bool is_heap = line.find("[heap]") != std::string::npos;
      kind = is_file ? &sum.files : is_heap ? &sum.heap : &sum.others;
    }
  }
  return sum;
}

void show(const char* when) {
  const Resident now = resident();
  const struct mallinfo2 heaps = mallinfo2();
  std::printf(
      "%-14s %6ld KB resident: %6ld files, %5ld heap, %6ld others; malloc: %5zu KB in use, %5zu "
      "free, %5zu in large blocks; retained_bytes %5llu KB\n",
      when, now.all(), now.files, now.heap, now.others, heaps.uordblks / 1024,
      heaps.fordblks / 1024, heaps.hblkhd / 1024,
      static_cast<unsigned long long>(langfuse::stats().retained_bytes) / 1024);
  std::fflush(stdout);
}

void make_scopes(int count) {
  for (int i = 0; i < count; ++i) {
    auto scope = langfuse::observe("retrieve");
    scope.set_input("which orders are late?").set_output("three of them");
    scope.set_metadata("documents", 3);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  langfuse::Config config;
  config.public_key = "pk-lf-bench";
  config.secret_key = "sk-lf-bench";
  config.base_url = argv[1];
  if (langfuse::init(config)) return 1;
  make_scopes(10);
  langfuse::flush();
  show("idle");
  const long idle = resident().all();

  std::vector<std::thread> threads;
  for (int i = 0; i < bursting_threads; ++i) threads.emplace_back(make_scopes, scopes_a_thread);
  for (std::thread& thread : threads) thread.join();
  make_scopes(scopes_a_thread);
  show("after");
  langfuse::flush();
  show("flushed");
  for (int seconds = 10; seconds <= 30; seconds += 10) {
    std::this_thread::sleep_for(std::chrono::seconds(10));
    show((std::to_string(seconds) + " s later").c_str());
  }
  std::printf("over idle: %.1f %%\n",
              100.0 * static_cast<double>(resident().all() - idle) / static_cast<double>(idle));
}
