// A library of somebody else's, which has ours as a part of its build.
#include <langfuse/langfuse.h>

int is_langfuse_on() {
  return langfuse::enabled() ? 1 : 0;
}
