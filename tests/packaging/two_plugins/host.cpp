// Loads two plugins and lets them log in turns.
//
//   host local|global PLUGIN_A URL_A PLUGIN_B URL_B COUNT
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Plugin {
  int (*start)(const char* name, const char* url);
  void (*log)(int number);
  int (*stop)();
};

template <class Function>
void find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
}

Plugin load(const char* file, int flags) {
  void* const library = dlopen(file, RTLD_NOW | flags);
  if (library == nullptr) {
    std::fprintf(stderr, "host: %s\n", dlerror());
    std::exit(1);
  }
  Plugin plugin{};
  find(library, "plugin_start", plugin.start);
  find(library, "plugin_log", plugin.log);
  find(library, "plugin_stop", plugin.stop);
  return plugin;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const int flags = std::strcmp(argv[1], "global") == 0 ? RTLD_GLOBAL : RTLD_LOCAL;
  const Plugin a = load(argv[2], flags);
  const Plugin b = load(argv[4], flags);
  if (a.start("a", argv[3]) != 0 || b.start("b", argv[5]) != 0) return 3;

  for (int number = 0; number < std::atoi(argv[6]); ++number) {
    a.log(number);
    b.log(number);
  }

  return a.stop() != 0 || b.stop() != 0 ? 4 : 0;
}
