// A client for tests that talk to an HTTP server of this machine as any client would. What no
// client would do is said by `RawClient` (tests/receiver/http/raw_client.h).
//
//   langfuse_test::HttpClient client(receiver.url());
//   client.set_basic_auth("pk-lf-local", "sk-lf-local");
//   const langfuse_test::HttpAnswer answer = client.get("/api/public/health");
#pragma once

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace langfuse_test {

struct HttpAnswer {
  int status = 0;  // 0: no answer came, and `error` says why
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string error;

  explicit operator bool() const { return status != 0; }

  // Empty if there is none. `name` in lower case.
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

// Keeps its connection. One thread at a time.
class HttpClient {
 public:
  using Headers = std::vector<std::string>;  // "Name: value"

  // `url`: scheme, host and port.
  explicit HttpClient(std::string url)
      : url_(std::move(url)), curl_(::curl_easy_init(), &::curl_easy_cleanup) {}

  void set_basic_auth(const std::string& user, const std::string& password) {
    credentials_ = user + ":" + password;
  }

  HttpAnswer get(const std::string& path, const Headers& headers = {}) {
    begin("GET", path);
    return perform(headers);
  }

  HttpAnswer post(const std::string& path, std::string_view body, const std::string& content_type,
                  const Headers& headers = {}) {
    return send("POST", path, body, content_type, headers);
  }

  HttpAnswer put(const std::string& path, std::string_view body, const std::string& content_type) {
    return send("PUT", path, body, content_type, {});
  }

  // Without saying the length first: chunks of at most `chunk_size` bytes.
  HttpAnswer post_in_chunks(const std::string& path, std::string_view body,
                            const std::string& content_type, std::size_t chunk_size) {
    begin("POST", path);
    Pieces pieces{body, chunk_size};
    set(CURLOPT_POST, 1L);
    set(CURLOPT_READDATA, static_cast<void*>(&pieces));
    set(CURLOPT_READFUNCTION, &read_piece);
    return perform({"Transfer-Encoding: chunked", "Content-Type: " + content_type});
  }

 private:
  struct Pieces {
    std::string_view rest;
    std::size_t size;
  };

  template <typename Value>
  void set(CURLoption option, Value value) {
    ::curl_easy_setopt(curl_.get(), option, value);
  }

  void begin(const char* method, const std::string& path) {
    ::curl_easy_reset(curl_.get());  // which keeps the connection
    set(CURLOPT_URL, (url_ + path).c_str());
    set(CURLOPT_CUSTOMREQUEST, method);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT, 60L);  // far beyond what any test expects
    if (!credentials_.empty()) {
      set(CURLOPT_USERPWD, credentials_.c_str());
    }
  }

  HttpAnswer send(const char* method, const std::string& path, std::string_view body,
                  const std::string& content_type, Headers headers) {
    begin(method, path);
    set(CURLOPT_POSTFIELDS, body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    headers.push_back("Content-Type: " + content_type);
    return perform(headers);
  }

  HttpAnswer perform(const Headers& headers) {
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> list(nullptr, &::curl_slist_free_all);
    for (const std::string& header : headers) {
      list.reset(::curl_slist_append(list.release(), header.c_str()));
    }
    HttpAnswer answer;
    set(CURLOPT_HTTPHEADER, list.get());
    set(CURLOPT_WRITEDATA, static_cast<void*>(&answer));
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&answer));
    set(CURLOPT_HEADERFUNCTION, &take_header);
    if (const CURLcode code = ::curl_easy_perform(curl_.get()); code != CURLE_OK) {
      answer.error = ::curl_easy_strerror(code);
      return answer;
    }
    long status = 0;
    ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
  }

  static std::size_t read_piece(char* to, std::size_t size, std::size_t count, void* pieces) {
    auto& [rest, chunk_size] = *static_cast<Pieces*>(pieces);
    const std::size_t length = std::min({rest.size(), chunk_size, size * count});
    std::memcpy(to, rest.data(), length);
    rest.remove_prefix(length);
    return length;
  }

  static std::size_t take_body(const char* data, std::size_t size, std::size_t count,
                               void* answer) {
    static_cast<HttpAnswer*>(answer)->body.append(data, size * count);
    return size * count;
  }

  static std::size_t take_header(const char* data, std::size_t size, std::size_t count,
                                 void* answer) {
    const std::string_view line(data, size * count);
    if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      std::string name(line.substr(0, colon));
      for (char& c : name) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
      const std::size_t begin = std::min(line.find_first_not_of(' ', colon + 1), line.size());
      const std::size_t end = line.find_last_not_of("\r\n") + 1;
      static_cast<HttpAnswer*>(answer)->headers[name] = line.substr(begin, end - begin);
    }
    return line.size();
  }

  std::string url_;
  std::string credentials_;
  std::unique_ptr<CURL, void (*)(CURL*)> curl_;
};

}  // namespace langfuse_test
