// Keeps web pages of other sites away from the receiver. Its reading routes need no keys, so that
// the page works without a login; what protects them is that we listen on the loopback address
// only, that a browser names the host it believes to talk to (a rebound DNS name is not ours), and
// that it names the page a request comes from.

#pragma once

#include <string>

namespace langfuse_receiver {

// `host` is the `Host` header, `origin` the `Origin` header or empty. True only for localhost,
// 127.0.0.1 and [::1] with our port, and for an origin, if there is one, of the same three.
bool is_same_origin(const std::string& host, const std::string& origin, int port);

}  // namespace langfuse_receiver
