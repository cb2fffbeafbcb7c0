#include "receiver/api/web_page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace {

using langfuse_receiver::HttpResponse;
using langfuse_receiver::web_page;

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(WebPage, IsTheFileOfTheSourceTree) {
  EXPECT_EQ(web_page().body, file_text(LANGFUSE_SOURCE_DIR "/receiver/page/index.html"));
  EXPECT_EQ(web_page().content_type, "text/html; charset=utf-8");
}

TEST(WebPage, ItsPolicyAllowsOneScriptAndOneStyleByHash) {
  const HttpResponse page = web_page();
  ASSERT_EQ(page.headers.at(0).first, "Content-Security-Policy");
  const std::string& policy = page.headers.at(0).second;

  EXPECT_EQ(policy.find("default-src 'none'; script-src 'sha256-"), 0U);
  EXPECT_EQ(count(policy, "'sha256-"), 2U);
  EXPECT_EQ(count(policy, "unsafe"), 0U);
  EXPECT_EQ(count(policy, "http"), 0U);
}

// Text of a program or a model must never be able to become markup.
TEST(WebPage, NeverWritesMarkup) {
  const std::string page = web_page().body;
  for (const char* forbidden : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                                "eval(", " onclick=", " style=\"", "<script src"}) {
    EXPECT_EQ(count(page, forbidden), 0U) << forbidden;
  }
  EXPECT_EQ(count(page, "<script>"), 1U);
  EXPECT_EQ(count(page, "<style>"), 1U);
}

TEST(WebPage, NamesNoAddressButNamespaces) {
  const std::string page = web_page().body;
  EXPECT_EQ(count(page, "https://"), 0U);
  EXPECT_EQ(count(page, "http://"), count(page, "http://www.w3.org/"));
}

}  // namespace
