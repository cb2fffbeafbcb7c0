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
  long retry_after_seconds = 0;  // as the server wishes; 0: it does not say
};

// No complete reply came; the text says why and names no address.
class NoReply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A server that does not answer within 5 s, or is silent for 30 s, is given up. A proxy that the
// environment names is used but for servers on this machine. Redirects are not followed.
class HttpClient {
 public:
  HttpClient(const std::string& user, const std::string& password, bool is_server_on_this_machine)
      : credentials_(user + ":" + password), may_use_proxy_(!is_server_on_this_machine) {}

  // Throw `NoReply`.
  HttpReply get(const std::string& url) const;
  HttpReply post_json(const std::string& url, const std::string& body) const;

  // Gives a body whose status is 200 to `take_piece` as it comes; any other is in the reply. What
  // `take_piece` throws ends the request and is thrown.
  HttpReply get_pieces(const std::string& url,
                       const std::function<void(std::string_view)>& take_piece) const;

 private:
  std::string credentials_;
  bool may_use_proxy_;
};

}  // namespace langfuse_cli
