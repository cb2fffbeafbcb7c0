#include "pipeline/exit_hook.h"

#include <chrono>
#include <cstdlib>

#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// At the end of the process: the last records go out, and the connection is let go of before the
// TLS library is taken down.
void exit_hook() {
  Client* const client = Client::current_or_null();
  // An earlier client may have wanted the hook.
  if (client != nullptr && client->settings().exit_hook)
    client->shutdown(FlushLimit::of_exit(
        std::chrono::duration_cast<std::chrono::nanoseconds>(client->settings().exit_timeout)));
}

}  // namespace

bool register_exit_hook() noexcept {
  static bool is_registered = false;
  is_registered = is_registered || std::atexit(exit_hook) == 0;
  return is_registered;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
