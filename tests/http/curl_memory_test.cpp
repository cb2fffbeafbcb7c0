// libcurl while memory is short: what failed once must not be given up for good. A program of its
// own, because libcurl takes its allocator when it starts, once a process.
//
// Held here: one failed `curl_easy_setopt` (the address, keys, certificates: libcurl copies texts)
// and a start of libcurl that failed are tried again.
#include <curl/curl.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "exporter/endpoints.h"
#include "http/curl_transport.h"
#include "langfuse/config.h"
#include "langfuse/langfuse.h"
#include "tests/support/fault_server.h"

namespace {

constexpr long never = -1;

// How many allocations of libcurl succeed before one fails, on the thread that drives it.
thread_local long until_failure = never;

bool is_to_fail() noexcept {
  if (until_failure == never) return false;
  return until_failure-- == 0;
}

void* allocate(std::size_t size) {
  return is_to_fail() ? nullptr : std::malloc(size);
}
void* allocate_again(void* memory, std::size_t size) {
  return is_to_fail() ? nullptr : std::realloc(memory, size);
}
void* allocate_zeroed(std::size_t count, std::size_t size) {
  return is_to_fail() ? nullptr : std::calloc(count, size);
}
char* copy_text(const char* text) {
  return is_to_fail() ? nullptr : strdup(text);
}

int starts = 0;

}  // namespace

// In the place of libcurl's: the first start of the process fails.
extern "C" CURLcode curl_global_init(long flags) {
  if (++starts == 1) return CURLE_OUT_OF_MEMORY;
  return curl_global_init_mem(flags, allocate, std::free, allocate_again, copy_text,
                              allocate_zeroed);
}

namespace langfuse::internal {
namespace {

Config config() {
  Config config;
  config.public_key = "pk-lf-1";
  config.secret_key = "sk-lf-2";
  config.base_url = "http://127.0.0.1:9";
  config.exit_hook = false;
  config.on_error = [](const Diagnostic&) {};
  return config;
}

// Before `main`, so that nothing else has started libcurl.
const Error failed_start = init(config());
const bool was_enabled = enabled();
const Error next_start = init(config());

TEST(CurlMemory, AFailedStartOfLibcurlIsSaidAndTriedAgainByTheNextInit) {
  EXPECT_EQ(failed_start.code, ErrorCode::internal);
  EXPECT_NE(failed_start.message.find("libcurl"), std::string::npos) << failed_start.message;
  EXPECT_FALSE(was_enabled);

  EXPECT_FALSE(next_start) << next_start.message;
  EXPECT_TRUE(enabled());
}

HttpReply post(CurlTransport& transport, Endpoint endpoint, const FaultServer& server) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const HttpChannel channel = channel_of(route_of(endpoint));
  transport.start(
      channel,
      request_to(endpoint, url_of(endpoint, server.url("/traces"), server.url()), {"{}"}, false));
  HttpReply reply;
  while (!transport.finished(channel, reply)) {
    transport.wait(give_up);
    if (std::chrono::steady_clock::now() >= give_up) {
      ADD_FAILURE() << "no reply";
      break;
    }
  }
  return reply;
}

// Every allocation of a transport's first request on each route fails once.
TEST(CurlMemory, NoFailedAllocationDisablesARoute) {
  FaultServer server;
  CurlOptions options;
  options.user = "pk-lf-1";
  options.password = "sk-lf-2";
  options.user_agent = "langfuse-cpp";
  options.headers = common_headers("pk-lf-1", {});
  options.no_proxy = "example.test";
  options.timeout = std::chrono::seconds(30);
  int failures = 0;
  for (const Endpoint endpoint : {Endpoint::traces, Endpoint::ingestion, Endpoint::health}) {
    bool has_failed = true;
    for (long index = 0; has_failed; ++index) {
      std::unique_ptr<CurlTransport> transport;
      HttpReply first;
      until_failure = index;
      try {
        transport = std::make_unique<CurlTransport>(options, route_count);
        first = post(*transport, endpoint, server);
      } catch (const std::bad_alloc&) {
        first.error = "no memory";
      }
      has_failed = until_failure == never;
      until_failure = never;
      if (transport == nullptr) continue;
      if (!first.error.empty()) ++failures;

      const HttpReply second = post(*transport, endpoint, server);

      ASSERT_EQ(second.error, "") << "allocation " << index << ", then: " << first.error;
      ASSERT_EQ(second.status, 200) << "allocation " << index;
    }
  }
  EXPECT_GT(failures, 20);  // the sweep met what it is about
}

}  // namespace
}  // namespace langfuse::internal
