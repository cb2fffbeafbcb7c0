// One request that shows how far a connection to the server comes.
//
// Used by `diagnose`. Unlike `CurlTransport` it blocks, uses a connection of its own, and reports
// the stage at which a request failed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "http/curl_options.h"
#include "http/http_transport.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// The stages of a request, in their order. The proxy comes last here, but may be involved in any of
// them.
enum class ProbeStage : std::uint8_t { name, connection, tls, answer, proxy };

struct ProbeRequest {
  std::string url;
  bool with_credentials = false;
  // Not empty: instead of a GET, a POST of an empty body of this type.
  std::string content_type;
  // Not 0: the POST announces a body of this many bytes, asks whether the server accepts it, and
  // sends none.
  std::size_t announced_bytes = 0;
};

struct ProbeReply {
  HttpReply http;  // `body`: the first 64 KiB
  ProbeStage failed_at =
      ProbeStage::answer;  // the last stage; only meaningful when `http.error` is not empty
  std::string peer;        // address and port of the last connection that was tried; empty: none
  // Since the beginning of the request; 0: not reached.
  std::chrono::microseconds resolved{0};
  std::chrono::microseconds connected{0};
  std::chrono::microseconds secured{0};  // without TLS: 0
  // Seconds since the Unix epoch.
  std::optional<std::int64_t> date;                 // the answer's header `Date`
  std::optional<std::int64_t> certificate_expires;  // the server's own certificate
  std::string certificate_issuer;                   // the signing authority; empty: unknown
};

// Makes the request, and returns at the latest at `deadline`, or after the timeout in `options`.
// Redirects are not followed. With `announced_bytes`, an error means that no answer rejected the
// body. Any thread; blocks. REQUIRES: `initialise_curl()`.
ProbeReply probe(const CurlOptions& options, const ProbeRequest& request, SteadyTime deadline);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
