// Which request is answered by what, and the refusals that all routes share. No sockets here.

#pragma once

#include <cstddef>
#include <string>

#include "receiver/api/event_streams.h"
#include "receiver/http/authorization.h"
#include "receiver/http/http_message.h"
#include "receiver/store/media_store.h"
#include "receiver/store/store.h"

namespace langfuse_receiver {

// The version of the Langfuse server whose behaviour the receiver follows; `health` reports it,
// because clients choose by it.
inline constexpr const char* server_version = "4.16.0";

struct RouteOptions {
  Keys keys;
  int port = 0;                    // what `Host` and `Origin` must name
  std::size_t max_body_bytes = 0;  // of an export, after decompression
  EventStreams* events = nullptr;  // null: there are none, and pages poll
  MediaStore* media = nullptr;     // null: media is off
};

HttpResponse answer(const HttpRequest& request, const RouteOptions& options, Store& store);

}  // namespace langfuse_receiver
