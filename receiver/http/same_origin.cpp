#include "receiver/http/same_origin.h"

#include "receiver/base/text.h"

namespace langfuse_receiver {
namespace {

bool is_our_host(const std::string& name_and_port, int port) {
  const std::string host = lowered(name_and_port);
  for (const char* name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (host == std::string(name) + ":" + std::to_string(port) || (port == 80 && host == name)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_same_origin(const std::string& host, const std::string& origin, int port) {
  const std::string scheme = "http://";
  if (!is_our_host(host, port)) {
    return false;
  }
  return origin.empty() ||
         (starts_with(origin, scheme) && is_our_host(origin.substr(scheme.size()), port));
}

}  // namespace langfuse_receiver
