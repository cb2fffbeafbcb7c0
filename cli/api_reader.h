// Reads observations from a Langfuse server over its public API. The only file of the program that
// includes an HTTP client.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "receiver/json_text.h"

namespace langfuse_cli {

class ApiReader {
 public:
  // `url` is the base, `http://…` or `https://…`, with or without a path.
  ApiReader(std::string url, std::string public_key, std::string secret_key);

  // All observations of a trace, of all traces if `trace_id` is empty, newest start first. Throws
  // `CommandError` that says what to do when the server cannot be reached or refuses.
  std::vector<langfuse_receiver::Json> observations(const std::string& trace_id,
                                                    const std::string& fields) const;

  // Empty if there is no observation.
  std::string newest_trace_id() const;

  // The body of `GET <path>`, piece by piece as it comes. Throws `CommandError`, also when it is
  // cut off.
  void download(const std::string& path,
                const std::function<void(std::string_view)>& take_piece) const;

  // Sends one export request in OTLP's JSON form. Throws `CommandError`.
  void send_export(const std::string& body) const;

 private:
  langfuse_receiver::Json get(const std::string& query) const;

  std::string origin_;  // scheme, host and port
  std::string path_;    // without a trailing slash
  std::string public_key_;
  std::string secret_key_;
};

}  // namespace langfuse_cli
