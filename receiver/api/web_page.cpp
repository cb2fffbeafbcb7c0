#include "receiver/api/web_page.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace langfuse_receiver {

// Generated from `page/index.html` when the program is built.
extern const unsigned char page_html[];
extern const std::size_t page_html_size;

namespace {

// `'sha256-…'` of what stands between `open` and `close` in the page.
std::string hash_source(std::string_view page, std::string_view open, std::string_view close) {
  const std::size_t begin = page.find(open) + open.size();
  const std::string_view content = page.substr(begin, page.find(close, begin) - begin);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  ::EVP_Digest(content.data(), content.size(), digest.data(), &length, ::EVP_sha256(), nullptr);
  std::array<unsigned char, 64> text{};
  const int text_length = ::EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(length));
  return "'sha256-" +
         std::string(reinterpret_cast<const char*>(text.data()),
                     static_cast<std::size_t>(text_length)) +
         "'";
}

}  // namespace

HttpResponse web_page() {
  static const std::string page(reinterpret_cast<const char*>(page_html), page_html_size);
  static const std::string policy =
      "default-src 'none'; script-src " + hash_source(page, "<script>", "</script>") +
      "; style-src " + hash_source(page, "<style>", "</style>") +
      "; connect-src 'self'; img-src 'self' data:; media-src 'self'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
  return {200, page, "text/html; charset=utf-8", {{"Content-Security-Policy", policy}}};
}

}  // namespace langfuse_receiver
