// Where rows came from.

#pragma once

#include <string>

namespace langfuse_receiver {

// Who sent a request, from its headers; stored with each row.
struct Sender {
  std::string public_key;
  std::string sdk_name = "unknown";
  std::string sdk_version;
};

}  // namespace langfuse_receiver
