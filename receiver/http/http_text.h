// The text of HTTP/1.1 that the server reads and writes around what its library parses: targets of
// requests, heads of answers, chunks. No sockets here.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "receiver/http/http_message.h"

namespace langfuse_receiver {

struct Target {
  std::string path;  // decoded
  std::multimap<std::string, std::string> query;
};

// Of `/path?name=value&…`, also behind `http://host`. What is wrong in it stays as it is: `%zz` is
// three characters.
Target parse_target(std::string_view target);

// How the client learns where the body of an answer ends.
enum class Framing { length, chunks, end_of_connection };

// Status line and headers, with the empty line. A header whose value holds a control character is
// left out: it could be taken for another header.
std::string head_of(const HttpResponse& response, Framing framing, bool keep_alive);

// REQUIRES: `piece` is not empty; the empty chunk ends a body.
std::string chunk_of(std::string_view piece);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// An answer that the server gives by itself; `reason` goes to the client.
HttpResponse refusal(int status, std::string_view reason);

}  // namespace langfuse_receiver
