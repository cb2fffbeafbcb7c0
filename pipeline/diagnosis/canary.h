// The canary: one trace that is sent to see whether it arrives.
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

  // Send it through the queue and background thread of `client`, or directly. The result is why it
  // was not delivered by `deadline`; empty: the server accepted it. Blocks. REQUIRES: `may_wait()`.
  std::string send_through(Client& client, SteadyTime deadline);
  std::string send_directly(SteadyTime deadline);

  // Reads it from the server until it is there, or until `deadline`. True when it is there.
  // `server_version` decides which address is read. Blocks.
  bool is_readable(const std::string& server_version, SteadyTime deadline) const;

 private:
  RecordPtr make_record() const;

  const Settings& settings_;
  const TraceId trace_id_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
