#include "receiver/connections.h"

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

namespace langfuse_receiver {
namespace {

std::vector<int> connections_of(int port, int listener) {
  std::vector<int> sockets;
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) {
    return sockets;
  }
  while (const dirent* entry = ::readdir(directory)) {
    const int socket = std::atoi(entry->d_name);
    sockaddr_in address{};
    socklen_t length = sizeof(address);
    if (socket > 2 && socket != listener &&
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
        address.sin_family == AF_INET && ntohs(address.sin_port) == port &&
        ntohl(address.sin_addr.s_addr) == INADDR_LOOPBACK) {
      sockets.push_back(socket);
    }
  }
  ::closedir(directory);
  return sockets;
}

// Milliseconds since data went over the connection.
unsigned quiet_for(int socket) {
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
    return 0;
  }
  return std::min(info.tcpi_last_data_recv, info.tcpi_last_data_sent);
}

}  // namespace

void end_reading_on_connections(int port, int listener) {
  for (const int socket : connections_of(port, listener)) {
    ::shutdown(socket, SHUT_RD);
  }
}

void end_reading_on_quietest(int port, int listener, std::size_t count) {
  std::vector<std::pair<unsigned, int>> quiet;
  for (const int socket : connections_of(port, listener)) {
    quiet.emplace_back(quiet_for(socket), socket);
  }
  // Of two that are equally quiet, the older one, which has the lower number more often than not.
  std::sort(quiet.begin(), quiet.end(), [](const auto& left, const auto& right) {
    return left.first != right.first ? left.first > right.first : left.second < right.second;
  });
  quiet.resize(std::min(count, quiet.size()));
  for (const auto& [milliseconds, socket] : quiet) {
    // A socket that was closed since, and whose number another connection has got, loses that one:
    // its client connects again.
    ::shutdown(socket, SHUT_RD);
  }
}

}  // namespace langfuse_receiver
