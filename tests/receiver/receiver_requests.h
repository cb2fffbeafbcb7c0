// Requests as a client of the receiver makes them, for tests of the routes and of the server.

#pragma once

#include <zlib.h>

#include <string>

#include "receiver/routes.h"

namespace langfuse_test {

inline constexpr int test_port = 3000;
// base64 of "pk-lf-local:sk-lf-local".
inline constexpr const char* basic_credentials = "Basic cGstbGYtbG9jYWw6c2stbGYtbG9jYWw=";

inline langfuse_receiver::RouteOptions route_options() {
  langfuse_receiver::RouteOptions options;
  options.port = test_port;
  options.max_body_bytes = 1U << 20U;
  return options;
}

inline langfuse_receiver::HttpRequest get_request(const std::string& path) {
  langfuse_receiver::HttpRequest request;
  request.method = "GET";
  request.path = path;
  request.headers = {{"host", "127.0.0.1:3000"}, {"authorization", basic_credentials}};
  return request;
}

inline langfuse_receiver::HttpRequest post_request(
    const std::string& path, std::string body,
    const std::string& content_type = "application/json") {
  langfuse_receiver::HttpRequest request = get_request(path);
  request.method = "POST";
  request.headers["content-type"] = content_type;
  request.body = std::move(body);
  return request;
}

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  ::deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string compressed(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  ::deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return compressed;
}

}  // namespace langfuse_test
