// Refused by concurrency-*: `strerror` may overwrite what another thread reads.
#include <cstring>

const char* explain(int error) {
  return std::strerror(error);
}
