// What a Langfuse server says in the JSON of its answers, where the status alone does not tell.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// What became of one event of a batch.
struct EventReply {
  int status = 0;
  std::string words;  // why it was refused; empty when it was not, or without a reason
};

// The answers to the events of a batch, by event id. Events that the server did not name are
// missing; all are when `body` cannot be read. Source: the server's ingestion route, status 207.
using EventReplies = std::map<std::string, EventReply, std::less<>>;
EventReplies read_event_replies(std::string_view body);

// Whether the body is protobuf by its content type, of whatever name: `application/x-protobuf`.
bool is_protobuf(const HttpReply& reply) noexcept;

// Whether the answer of `Endpoint::health` is Langfuse's, which names its version.
bool is_langfuse(const HttpReply& health);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
