// The attributes that every record carries, because the server keeps no record of a trace: release,
// environment, and the propagated attributes.
#pragma once

#include <cstddef>
#include <string_view>

#include "model/protobuf_writer.h"
#include "pipeline/client.h"
#include "tracing/context/propagated_block.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Encoded attributes, as views. The writer of a record empties those that the record has itself.
struct TraceAttributes {
  std::string_view release;
  std::string_view environment;
  std::string_view without_prompt;  // user, session, metadata, tags, name and version of the trace
  std::string_view prompt;
  bool has_trace_name = false;

  // `block`: the attributes that the context propagates; may be null.
  TraceAttributes(const Client& client, const PropagatedBlock* block) noexcept
      : release(client.release_attribute()), environment(client.environment_attribute()) {
    if (block == nullptr) return;
    if (!block->environment.empty()) environment = view(block->environment);
    const std::string_view encoded = view(block->encoded);
    without_prompt = encoded.substr(0, block->prompt_at);
    prompt = encoded.substr(block->prompt_at);
    has_trace_name = !block->trace_name.empty();
    version_at_ = block->version_at;
  }

  void leave_out_version() noexcept { without_prompt = without_prompt.substr(0, version_at_); }

  std::size_t bound() const noexcept {
    return environment.size() + release.size() + without_prompt.size() + prompt.size();
  }
  char* write(char* out) const noexcept {
    out = write_raw(write_raw(out, environment), release);
    return write_raw(write_raw(out, without_prompt), prompt);
  }

 private:
  std::size_t version_at_ = 0;  // in `without_prompt`
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
