#include "receiver/http/same_origin.h"

#include <algorithm>
#include <cctype>

namespace langfuse_receiver {
namespace {

bool is_our_host(std::string host, int port) {
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
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
  return origin.empty() || (origin.compare(0, scheme.size(), scheme) == 0 &&
                            is_our_host(origin.substr(scheme.size()), port));
}

}  // namespace langfuse_receiver
