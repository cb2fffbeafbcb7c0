// What `init` knows of itself: whether it was called, why nothing is sent, and who is in it.
#pragma once

#include <string>
#include <thread>

#include "model/mutex.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Never destroyed: the exit hook and late threads may ask `why_disabled()`.
struct InitState {
  Mutex mutex;  // a leaf
  Condition changed;
  bool was_called LANGFUSE_GUARDED_BY(mutex) = false;
  std::string why_disabled LANGFUSE_GUARDED_BY(mutex);
  bool is_starting LANGFUSE_GUARDED_BY(mutex) = false;  // a thread has the turn, …
  std::thread::id starter LANGFUSE_GUARDED_BY(mutex);   // … this one
};

InitState& init_state() noexcept;

// The turn of one thread to start the library; the others wait for it. It holds no lock meanwhile,
// because a `Config` holds the user's code, which may ask `why_disabled()`, or copy itself in ways
// that call the library.
class InitTurn {
 public:
  InitTurn() noexcept;
  ~InitTurn();
  InitTurn(const InitTurn&) = delete;
  InitTurn& operator=(const InitTurn&) = delete;

  // False inside the turn of the same thread.
  bool is_mine() const noexcept { return is_mine_; }

 private:
  bool is_mine_ = false;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
