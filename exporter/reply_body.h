// Reads the JSON of a Langfuse server's answers, where the status alone is not enough.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The answer to one event of a batch.
struct EventReply {
  int status = 0;
  std::string words;  // why it was refused; empty when it was not, or without a reason
};

// The answers to the events of a batch, by event id. Events that the answer does not name are
// missing; if `body` cannot be read, all are. Source: the server's ingestion route, status 207.
using EventReplies = std::map<std::string, EventReply, std::less<>>;
EventReplies read_event_replies(std::string_view body);

// True if the content type is one of protobuf's, for instance `application/x-protobuf`.
bool is_protobuf(const HttpReply& reply) noexcept;

// True if `health` is Langfuse's answer of `Endpoint::health`, which names its version.
bool is_langfuse(const HttpReply& health);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
