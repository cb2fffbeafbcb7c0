// Who sent a request that brings something: what its headers say about the program and its SDK.

#pragma once

#include <string>

#include "receiver/http/authorization.h"
#include "receiver/http/http_message.h"
#include "receiver/rows/sender.h"

namespace langfuse_receiver {

// The value of a header of the SDKs; empty if there is none. Their names arrive with hyphens or
// with underscores. `name` in lower case, with hyphens.
std::string sdk_header(const HttpRequest& request, std::string name);

// REQUIRES: the request was authorized by `keys`.
Sender sender_of(const HttpRequest& request, const Keys& keys);

}  // namespace langfuse_receiver
