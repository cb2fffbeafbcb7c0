// What a burst leaves behind goes back to the system, and nobody is woken where nothing is left.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "langfuse/langfuse.h"
#include "pipeline/client.h"
#include "storage/chunk_home.h"
#include "tests/support/fake_client.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

using std::chrono::seconds;

Settings large_batches() {
  Settings settings = test_settings();
  settings.flush_at = 100'000;  // a burst is held as a whole until it is flushed
  return settings;
}

class IdleMemory : public FakeClientTest {
 protected:
  IdleMemory() : FakeClientTest(large_batches()) {
    transport_->answer_all(FakeTransport::status(200));
    trim_chunks();
    trim_chunks();
  }

  static void burst() {
    std::thread([] {
      for (int i = 0; i < 5'000; ++i)
        Client::current_or_null()->submit(make_record(std::string(400, 'x')));
    }).join();
    EXPECT_EQ(flush(seconds{60}).pending, 0U);
  }
};

TEST_F(IdleMemory, IsGivenBackTwoTrimsAfterABurst) {
  const std::uint64_t before = chunk_bytes();

  burst();
  EXPECT_GT(chunk_bytes(), before + 2'000'000);
  for (int i = 0; i < 3; ++i) {
    transport_->advance(seconds{10});
    flush();
  }

  EXPECT_LE(chunk_bytes(), before);
  EXPECT_FALSE(has_free_chunks());
}

TEST_F(IdleMemory, IsKeptWhereItIsNeededAgain) {
  burst();
  const std::uint64_t after_burst = chunk_bytes();

  for (int i = 0; i < 5; ++i) {
    transport_->advance(seconds{9});
    burst();
    EXPECT_LE(chunk_bytes(), after_burst + 300'000);
    EXPECT_GE(chunk_bytes(), after_burst / 2);
  }
}

}  // namespace
}  // namespace langfuse::internal
