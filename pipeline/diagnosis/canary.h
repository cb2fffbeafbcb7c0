// One trace that is sent to see whether it arrives.
#pragma once

#include <string>

#include "langfuse/ids.h"
#include "model/clock.h"
#include "pipeline/client.h"
#include "pipeline/settings/settings.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Canary {
 public:
  // `settings` is borrowed.
  explicit Canary(const Settings& settings);

  const TraceId& trace_id() const noexcept { return trace_id_; }

  // Sends it through the queue and the background thread of `client`, or directly. Returns why it
  // was not delivered by `deadline`; empty: the server took it. Blocks. REQUIRES: `may_wait()`.
  std::string send_through(Client& client, SteadyTime deadline);
  std::string send_directly(SteadyTime deadline);

  // Asks the server for it until it is there, or until `deadline`. True when it is.
  // `server_version`: decides where it is asked. Blocks.
  bool is_readable(const std::string& server_version, SteadyTime deadline) const;

 private:
  RecordPtr make_record() const;

  const Settings& settings_;
  const TraceId trace_id_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
