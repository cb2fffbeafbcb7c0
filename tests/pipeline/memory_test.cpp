// Lack of memory on the threads of the library never ends the host, and loses no record uncounted:
// every allocation that they make in a whole life of a client is made to fail once, alone and with
// those that follow.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/flush_async.h"
#include "langfuse/langfuse.h"
#include "langfuse/sinks/spdlog_support.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "pipeline/thread.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_transport.h"
#include "tests/support/score_events.h"

namespace langfuse::internal {
namespace {

using langfuse::testing::FailingAllocationsOfOthers;
using langfuse::testing::SparedThread;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t for_ever = UINT64_MAX;

struct Life {
  std::uint64_t allocations = 0;  // of the library's threads
  Stats end;
};

std::string replies_of(int first, int last) {
  std::string body = "{\"successes\":[";
  for (int i = first; i <= last; ++i) {
    body += (i == first ? "" : ",") + ("{\"id\":\"" + event_id(i)) + "\",\"status\":201}";
  }
  return body + "],\"errors\":[{\"id\":\"" + event_id(9) +
         "\",\"status\":400,\"message\":\"no such thing, in more words than need no memory\"}]}";
}

// The life of a client: records of both routes, too large, refused, and in trouble; a flush source,
// callbacks, diagnostics; flushes and the end.
class LackOfMemory : public ::testing::Test {
 protected:
  ~LackOfMemory() override {
    Client::forget();
    configure_diagnostics({});
  }

  static Settings settings() {
    Settings settings = test_settings();
    settings.flush_at = 8;
    settings.on_batch = [](const BatchReport&) {};
    settings.on_drop = [](DropReason, std::uint64_t) {};
    return settings;
  }

  static void script(FakeTransport& transport) {
    transport.answer(FakeTransport::status(503, std::string(100, 'x')));
    transport.answer(FakeTransport::status(413));
    transport.answer(FakeTransport::status(200));
    transport.answer(FakeTransport::status(400, std::string(100, 'x')));
    transport.answer(FakeTransport::failure("no route to that host, or some such words"));
    transport.answer_all(FakeTransport::status(200));
    transport.answer(FakeTransport::status(207, replies_of(0, 4)), Route::scores);
    transport.answer_all(FakeTransport::status(207, replies_of(0, 8)), Route::scores);
  }

  static void submit_some(Client& client, int first) {
    for (int i = first; i < first + 30; ++i) client.submit(make_record(std::string(400, 'r')));
    for (int i = 0; i < 10; ++i) client.submit(make_score(i));
  }

  static Life live(std::uint64_t first_failure, std::uint64_t failures) {
    const SparedThread this_one;
    DiagnosticsOptions options;
    options.on_error = [](const Diagnostic&) {};
    configure_diagnostics(std::move(options));
    auto owned = std::make_unique<FakeTransport>();
    FakeTransport& transport = *owned;
    script(transport);
    EXPECT_FALSE(Client::start(settings(), std::move(owned), &transport));
    Client& client = *Client::current_or_null();
    const std::uint64_t source =
        register_flush_source("a source whose name needs memory", [](std::int64_t) {
          throw std::runtime_error("something that is said in more words than need no memory");
        });

    FailingAllocationsOfOthers failing(first_failure, failures);
    submit_some(client, 0);
    client.flush(soon());
    submit_some(client, 30);
    flush_async(milliseconds(10)).wait();
    for (int i = 0; i < 8 && client.stats().queued > 0; ++i) {
      transport.advance(seconds(10));
      client.flush(soon());
    }
    submit_some(client, 60);
    const std::uint64_t allocations = failing.seen();
    client.shutdown(soon());

    Life life;
    life.allocations = allocations;
    life.end = client.stats();
    unregister_flush_source(source);
    failing.stop();
    client.shutdown(std::chrono::steady_clock::now() + std::chrono::hours(1));
    return life;
  }

  static SteadyTime soon() { return std::chrono::steady_clock::now() + milliseconds(5); }

  static void expect_whole(const Life& life) {
    const Stats& stats = life.end;
    EXPECT_EQ(stats.submitted, 120U);
    EXPECT_EQ(stats.submitted, stats.delivered + stats.dropped.total() + stats.queued);
  }
};

TEST_F(LackOfMemory, OfOneAllocationLosesNothingUncounted) {
  const std::uint64_t all = live(for_ever, 0).allocations;
  ASSERT_GT(all, 100U);

  for (std::uint64_t index = 0; index < all + 20 && !HasFailure(); ++index) {
    SCOPED_TRACE("allocation " + std::to_string(index));
    expect_whole(live(index, 1));
  }
}

TEST_F(LackOfMemory, OfEveryAllocationFromOneOnLosesNothingUncounted) {
  const std::uint64_t all = live(for_ever, 0).allocations;

  for (std::uint64_t index = 0; index < all && !HasFailure(); index += 9) {
    SCOPED_TRACE("allocation " + std::to_string(index) + " and all that follow");
    expect_whole(live(index, for_ever));
  }
}

TEST_F(LackOfMemory, ThatPassesHinderedNothingForGood) {
  for (std::uint64_t index = 0; index < 200 && !HasFailure(); index += 10) {
    SCOPED_TRACE("allocations from " + std::to_string(index));
    const Life life = live(index, 30);
    expect_whole(life);
    EXPECT_GT(life.end.delivered, 0U);
  }
}

// What lives as long as the process is made by functions that must not throw.
TEST(FirstUse, OfWhatLivesForEverNeedsNoMemory) {
  const langfuse::testing::FailingAllocations no_memory;

  const AttachLock lock;
  EXPECT_EQ(find_front(nullptr), nullptr);
}

// The one barrier around the body of every thread of the library.
TEST(LibraryThread, ThatThrowsEndsNothingButItself) {
  std::vector<std::string> said;
  std::promise<void> is_said;
  DiagnosticsOptions options;
  options.on_error = [&](const Diagnostic& diagnostic) {
    said.emplace_back(diagnostic.message);
    is_said.set_value();
  };
  configure_diagnostics(std::move(options));

  EXPECT_TRUE(start_thread("langfuse-test", [] { throw std::bad_alloc(); }));

  is_said.get_future().wait();
  configure_diagnostics({});
  EXPECT_EQ(said, std::vector<std::string>{"a thread of the library ended early: std::bad_alloc"});
}

}  // namespace
}  // namespace langfuse::internal
