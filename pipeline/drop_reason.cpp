#include "langfuse/drop_reason.h"

namespace langfuse {
inline namespace v0_1 {

const char* to_string(DropReason reason) noexcept {
  switch (reason) {
    case DropReason::queue_full:
      return "queue_full";
    case DropReason::queue_bytes:
      return "queue_bytes";
    case DropReason::too_large:
      return "too_large";
    case DropReason::rejected:
      return "rejected";
    case DropReason::after_shutdown:
      return "after_shutdown";
    case DropReason::at_shutdown:
      return "at_shutdown";
    case DropReason::reentrant:
      return "reentrant";
    case DropReason::out_of_memory:
      return "out_of_memory";
    case DropReason::outside_scope:
      return "outside_scope";
    case DropReason::no_route:
      return "no_route";
    case DropReason::invalid:
      return "invalid";
  }
  return "unknown";
}

}  // namespace v0_1
}  // namespace langfuse
