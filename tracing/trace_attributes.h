// The attributes that every record carries, because the server keeps no record of a trace: release,
// environment, and the propagated attributes.
#pragma once

#include <array>
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
  std::string_view propagated;
  std::string_view tags;
  std::string_view trace_public;
  std::string_view trace_name;
  std::string_view version;
  std::string_view prompt;

  // `block`: the attributes that the context propagates; may be null.
  TraceAttributes(const Client& client, const PropagatedBlock* block) noexcept
      : release(client.release_attribute()),
        environment(client.environment_attribute()),
        has_block_(block != nullptr) {
    if (block == nullptr) return;
    propagated = block->attributes.bytes();
    tags = view(block->tags_attribute);
    trace_public = view(block->trace_public);
    trace_name = view(block->trace_name);
    version = view(block->version);
    prompt = view(block->prompt);
    if (!block->environment.empty()) environment = view(block->environment);
  }

  std::size_t bound() const noexcept {
    std::size_t size = environment.size() + release.size();
    if (has_block_) {
      for (const std::string_view part : of_block()) size += part.size();
    }
    return size;
  }
  char* write(char* out) const noexcept {
    out = write_raw(write_raw(out, environment), release);
    if (has_block_) {
      for (const std::string_view part : of_block()) out = write_raw(out, part);
    }
    return out;
  }

 private:
  std::array<std::string_view, 6> of_block() const noexcept {
    return {propagated, tags, trace_public, trace_name, version, prompt};
  }

  bool has_block_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
