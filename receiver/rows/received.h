// What every stored row has: who sent it, and when.

#pragma once

#include <cstdint>
#include <string>

#include "receiver/rows/sender.h"

namespace langfuse_receiver {

struct Received {
  std::string ingestion_api_key;
  std::string ingestion_sdk_name;
  std::string ingestion_sdk_version;
  // When the receiver first and last stored the row.
  std::int64_t created_unix_nano = 0;
  std::int64_t updated_unix_nano = 0;

  void set_received(const Sender& sender, std::int64_t now_unix_nano) {
    ingestion_api_key = sender.public_key;
    ingestion_sdk_name = sender.sdk_name;
    ingestion_sdk_version = sender.sdk_version;
    created_unix_nano = now_unix_nano;
    updated_unix_nano = now_unix_nano;
  }
};

}  // namespace langfuse_receiver
