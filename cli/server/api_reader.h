// Reads observations from a Langfuse server over its public API.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/server/http_client.h"
#include "cli/terminal/command_error.h"
#include "receiver/base/json_text.h"

namespace langfuse_cli {

// The server cannot be reached, or does not answer now. It may answer later.
class ServerAway : public CommandError {
 public:
  explicit ServerAway(const std::string& what, int retry_after_seconds = 0)
      : CommandError(what), retry_after_seconds_(retry_after_seconds) {}

  // As the server asks; 0: it does not.
  int retry_after_seconds() const { return retry_after_seconds_; }

 private:
  int retry_after_seconds_;
};

class ApiReader {
 public:
  // `url` is the base, `http://…` or `https://…`, with or without a path.
  ApiReader(std::string url, std::string public_key, std::string secret_key);

  // All observations of a trace, of all traces if `trace_id` is empty, newest start first. None
  // that started before `from_unix_nano` (0: all). Throws `ServerAway`, or, if the server
  // refuses, a `CommandError` with what to do.
  std::vector<langfuse_receiver::Json> observations(const std::string& trace_id,
                                                    const std::string& fields,
                                                    std::int64_t from_unix_nano = 0) const;

  // Empty if there is no observation.
  std::string newest_trace_id() const;

  const std::string& origin() const { return origin_; }
  bool is_on_this_machine() const;

  // The body of `GET <path>`, piece by piece as it comes. Throws `CommandError`, also when it is
  // cut off.
  void download(const std::string& path,
                const std::function<void(std::string_view)>& take_piece) const;

  // Sends one export request in OTLP's JSON form. Throws `CommandError`.
  void send_export(const std::string& body) const;

 private:
  HttpClient client() const;
  langfuse_receiver::Json get(const std::string& query) const;
  void expect_200(const HttpReply& reply) const;
  std::string describe(const NoReply& none) const;

  std::string origin_;  // scheme, host and port
  std::string path_;    // without a trailing slash
  std::string public_key_;
  std::string secret_key_;
};

}  // namespace langfuse_cli
