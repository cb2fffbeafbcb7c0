// A client whose requests end in memory: what tests of everything that makes records look at.
#pragma once

#include <string>
#include <vector>

#include "http/http_transport.h"
#include "langfuse/langfuse.h"
#include "pipeline/client.h"
#include "pipeline/settings/settings.h"
#include "tests/support/otlp_text.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Settings that send nothing before a flush and answer to nobody.
Settings capture_settings();

// Starts a client for the length of a test; one at a time. Its destructor shuts the client down.
class Capture {
 public:
  explicit Capture(Settings settings = capture_settings());
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // Flushes, and returns the spans that arrived since the last call.
  std::vector<DecodedSpan> spans();
  // The only one of them; an empty one, and a failed test, when there is another number of them.
  DecodedSpan only_span();

  Client& client() noexcept { return *client_; }

 private:
  class Transport;

  Transport* transport_;  // the client's
  Client* client_ = nullptr;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
