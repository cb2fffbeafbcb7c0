// Requests to a Langfuse server over libcurl, one after the other. The only file of the program
// that includes its header; knows nothing of Langfuse.

#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace langfuse_cli {

struct HttpReply {
  long status = 0;
  std::string body;
  long retry_after_seconds = 0;  // as the server asks; 0: it does not
};

// No complete reply came. The text has the reason, and no address.
class NoReply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A request ends if the server does not answer within 5 s, or is silent for 30 s. A proxy that the
// environment names is used, except for servers on this machine. Redirects are not followed.
class HttpClient {
 public:
  HttpClient(const std::string& user, const std::string& password, bool is_server_on_this_machine)
      : credentials_(user + ":" + password), may_use_proxy_(!is_server_on_this_machine) {}

  // Throw `NoReply`.
  HttpReply get(const std::string& url) const;
  HttpReply post_json(const std::string& url, const std::string& body) const;

  // Passes a body with status 200 to `take_piece` as it arrives; any other body is in the reply. An
  // exception of `take_piece` ends the request and is thrown.
  HttpReply get_pieces(const std::string& url,
                       const std::function<void(std::string_view)>& take_piece) const;

 private:
  std::string credentials_;
  bool may_use_proxy_;
};

}  // namespace langfuse_cli
