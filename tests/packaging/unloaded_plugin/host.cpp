// Loads a plugin, lets it work in the way that MODE names, unloads it, and goes on living.
//
//   host PLUGIN MODE
#include <dlfcn.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const char* const mode = argv[2];
  void* const plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    std::fprintf(stderr, "host: %s\n", dlerror());
    return 3;
  }
  const auto run = reinterpret_cast<int (*)(const char*)>(dlsym(plugin, "plugin_run"));
  std::promise<int> has_run;
  std::promise<void> is_unloaded;
  // "late": the thread ends after the unloading, with what the plugin left in it. As long as there
  // is such a thread, the loader itself keeps the plugin.
  const bool is_late = std::strcmp(mode, "late") == 0;
  std::thread user([&] {
    has_run.set_value(run(mode));
    if (is_late) is_unloaded.get_future().wait();
  });
  const int status = has_run.get_future().get();
  if (!is_late) user.join();
  dlclose(plugin);
  is_unloaded.set_value();
  if (is_late) user.join();
  if (status != 0) return status;

  if (std::strcmp(mode, "signal") == 0) {
    raise(SIGTERM);
    while (true) pause();
  }
  const pid_t child = fork();
  if (child == 0) std::exit(0);
  int child_status = 0;
  if (waitpid(child, &child_status, 0) != child || child_status != 0) return 5;
  return 0;
}
