#include "cli/server/http_client.h"

#include <curl/curl.h>

#include <exception>
#include <memory>
#include <utility>

namespace langfuse_cli {
namespace {

constexpr long connect_seconds = 5;
constexpr long silent_seconds = 30;

// One request, and what comes back.
class Exchange {
 public:
  Exchange(const std::string& url, const std::string& credentials, bool may_use_proxy) {
    if (curl_ == nullptr) {
      throw NoReply("libcurl cannot be initialised");
    }
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_USERPWD, credentials.c_str());
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERAGENT, "langfuse-cpp");
    set(CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can decode
    set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, silent_seconds);
    set(CURLOPT_ERRORBUFFER, words_);
    if (!may_use_proxy) {
      set(CURLOPT_PROXY, "");
    }
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void post(const std::string& body, const char* content_type) {
    headers_.reset(::curl_slist_append(nullptr, content_type));
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_POSTFIELDS, body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }

  // `take_piece` may be empty: then all is in the reply.
  HttpReply perform(const std::function<void(std::string_view)>& take_piece) {
    take_piece_ = take_piece;
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &take);
    const CURLcode code = ::curl_easy_perform(curl_.get());
    if (thrown_) {
      std::rethrow_exception(thrown_);
    }
    if (code == CURLE_COULDNT_CONNECT) {
      throw NoReply("nothing answers there");
    }
    if (code != CURLE_OK) {
      throw NoReply(words_[0] != '\0' ? words_ : ::curl_easy_strerror(code));
    }
    reply_.status = status();
    curl_off_t wait = 0;
    ::curl_easy_getinfo(curl_.get(), CURLINFO_RETRY_AFTER, &wait);
    reply_.retry_after_seconds = static_cast<long>(wait);
    return std::move(reply_);
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    ::curl_easy_setopt(curl_.get(), option, value);
  }

  long status() {
    long status = 0;
    ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  // Called by libcurl, through which nothing may be thrown.
  static std::size_t take(const char* data, std::size_t size, std::size_t count, void* object) {
    auto& exchange = *static_cast<Exchange*>(object);
    const std::string_view piece(data, size * count);
    try {
      if (exchange.take_piece_ && exchange.status() == 200) {
        exchange.take_piece_(piece);
      } else {
        exchange.reply_.body += piece;
      }
      return piece.size();
    } catch (...) {
      exchange.thrown_ = std::current_exception();
      return 0;  // ends the request
    }
  }

  std::unique_ptr<CURL, void (*)(CURL*)> curl_{::curl_easy_init(), &::curl_easy_cleanup};
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_{nullptr, &::curl_slist_free_all};
  char words_[CURL_ERROR_SIZE] = "";
  std::function<void(std::string_view)> take_piece_;
  HttpReply reply_;
  std::exception_ptr thrown_;
};

}  // namespace

HttpReply HttpClient::get(const std::string& url) const {
  return get_pieces(url, {});
}

HttpReply HttpClient::post_json(const std::string& url, const std::string& body) const {
  Exchange exchange(url, credentials_, may_use_proxy_);
  exchange.post(body, "Content-Type: application/json");
  return exchange.perform({});
}

HttpReply HttpClient::get_pieces(const std::string& url,
                                 const std::function<void(std::string_view)>& take_piece) const {
  Exchange exchange(url, credentials_, may_use_proxy_);
  return exchange.perform(take_piece);
}

}  // namespace langfuse_cli
