// Many threads at once, on a queue that is too small for them: every record is accounted for.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "langfuse/langfuse.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tests/support/fake_client.h"
#include "tests/support/null_transport.h"
#include "tests/support/records.h"
#include "tests/support/score_events.h"

namespace langfuse::internal {
namespace {

constexpr int producers = 64;

class ManyProducers : public ::testing::Test {
 protected:
  explicit ManyProducers() {
    DiagnosticsOptions options;
    options.on_error = [](const Diagnostic&) {};
    configure_diagnostics(std::move(options));
    Settings settings = test_settings();
    settings.queue_max_records = 2'000;
    settings.queue_max_bytes = 300'000;
    settings.flush_at = 64;
    const Error error = Client::start(settings, std::make_unique<NullTransport>(), nullptr);
    EXPECT_FALSE(error) << error.message;
  }
  ~ManyProducers() override {
    shutdown();
    Client::forget();
    configure_diagnostics({});
  }
};

struct Counts {
  std::atomic<std::uint64_t> offered{0};
  std::atomic<std::uint64_t> taken{0};
};

// Small, larger than the chunks, and of the other route.
RecordPtr make_any(int number) {
  if (number % 101 == 0) return make_score(number % 10);
  return make_record(std::string(number % 37 == 0 ? 6'000U : 200U, 'x'),
                     number % 3 == 0 ? RecordKind::log_line : RecordKind::span);
}

void submit_many(Client& client, int count, Counts& counts) {
  for (int i = 0; i < count; ++i) {
    ++counts.offered;
    if (client.submit(make_any(i))) ++counts.taken;
  }
}

TEST_F(ManyProducers, AreAccountedForExactly) {
  Client& client = *Client::current_or_null();
  Counts counts;
  std::vector<std::thread> threads;
  for (int i = 0; i < producers; ++i) {
    threads.emplace_back([&] { submit_many(client, 500, counts); });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(flush(std::chrono::seconds{60}).status, FlushStatus::ok);

  const Stats stats = langfuse::stats();
  EXPECT_EQ(stats.submitted, counts.offered.load());
  EXPECT_EQ(stats.submitted, stats.delivered + stats.dropped.total());
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.queued_bytes, 0U);
  EXPECT_GE(counts.taken.load(), stats.delivered);
}

// Some threads are in the middle of their work, and some have not begun, when the client ends.
TEST_F(ManyProducers, AreAccountedForExactlyWhenTheClientEndsUnderThem) {
  Client& client = *Client::current_or_null();
  Counts counts;
  std::vector<std::thread> threads;
  for (int i = 0; i < producers; ++i) {
    threads.emplace_back([&] { submit_many(client, 500, counts); });
  }
  while (counts.offered < 1'000) std::this_thread::yield();

  shutdown(std::chrono::seconds{60});
  for (std::thread& thread : threads) thread.join();

  const Stats stats = client.stats();
  EXPECT_EQ(stats.submitted, counts.offered.load());
  EXPECT_EQ(stats.submitted, stats.delivered + stats.dropped.total());
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.queued_bytes, 0U);
}

}  // namespace
}  // namespace langfuse::internal
