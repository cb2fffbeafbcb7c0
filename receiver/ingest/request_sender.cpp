#include "receiver/ingest/request_sender.h"

#include "receiver/base/utf8_text.h"

namespace langfuse_receiver {

std::string sdk_header(const HttpRequest& request, std::string name) {
  std::string value = request.header(name);
  if (value.empty()) {
    for (char& c : name) {
      c = c == '-' ? '_' : c;
    }
    value = request.header(name);
  }
  return value;
}

Sender sender_of(const HttpRequest& request, const Keys& keys) {
  Sender sender;
  sender.public_key = keys.public_key;
  if (std::string name = sdk_header(request, "x-langfuse-sdk-name"); !name.empty()) {
    sender.sdk_name = repair_utf8(name);
  }
  sender.sdk_version = repair_utf8(sdk_header(request, "x-langfuse-sdk-version"));
  return sender;
}

}  // namespace langfuse_receiver
