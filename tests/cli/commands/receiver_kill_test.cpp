// `langfuse-cpp local` is killed while exports come in: what it has answered with 200 is in the
// database.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/receiver_process.h"
#include "tests/support/temporary_folder.h"

namespace {

using langfuse_test::ReceiverProcess;
using langfuse_test::TemporaryFolder;

constexpr int clients = 4;
constexpr int spans_of_export = 20;

std::string hex(int number, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t at = digits; number > 0; number /= 16) {
    text[--at] = "0123456789abcdef"[number % 16];
  }
  return text;
}

// What all clients have sent and been told, over all rounds.
class Load {
 public:
  // Sends until the receiver is gone; each export holds a trace of its own.
  void send(const ReceiverProcess& receiver) {
    langfuse_test::HttpClient client(receiver.url());
    client.set_basic_auth(receiver.public_key(), receiver.secret_key());
    for (;;) {
      const std::string trace_id = next_trace_id();
      const auto result =
          client.post("/api/public/otel/v1/traces", export_of(trace_id), "application/json");
      if (!result) {
        return;
      }
      ASSERT_EQ(result.status, 200) << result.body;
      const std::lock_guard<std::mutex> lock(mutex_);
      answered_.insert(trace_id);
      grew_.notify_all();
    }
  }

  // Until `count` more exports were answered.
  void wait_for(std::size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    const std::size_t wanted = answered_.size() + count;
    grew_.wait(lock, [&] { return answered_.size() >= wanted; });
  }

  std::set<std::string> answered() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return answered_;
  }

 private:
  std::string next_trace_id() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return hex(++last_trace_, 32);
  }

  static std::string export_of(const std::string& trace_id) {
    std::string spans;
    for (int i = 1; i <= spans_of_export; ++i) {
      spans += (i == 1 ? "" : ",") + std::string(R"({"traceId":")") + trace_id + R"(","spanId":")" +
               hex(i, 16) + R"(","name":"step","startTimeUnixNano":"1786000000000000000"})";
    }
    return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
  }

  std::mutex mutex_;
  std::condition_variable grew_;
  std::set<std::string> answered_;  // guarded by mutex_
  int last_trace_ = 0;              // guarded by mutex_
};

class ReceiverKill : public ::testing::Test {
 protected:
  void kill_under_load(int round) {
    ReceiverProcess receiver(LANGFUSE_PROGRAM, {"--db", path_});
    std::vector<std::thread> threads;
    threads.reserve(clients);
    for (int i = 0; i < clients; ++i) {
      threads.emplace_back([&] { load_.send(receiver); });
    }
    load_.wait_for(static_cast<std::size_t>(round % 10) + 1);
    receiver.end(SIGKILL);
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  // The file as the killed receiver left it, opened by SQLite as any program would.
  void expect_all_answered_are_there() {
    SQLite::Database database(path_, SQLite::OPEN_READWRITE);
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
    SQLite::Statement traces(database,
                             "SELECT trace_id, count(*) FROM observations GROUP BY trace_id");
    std::set<std::string> whole;
    while (traces.executeStep()) {
      EXPECT_EQ(traces.getColumn(1).getInt(), spans_of_export);  // an export is stored whole
      whole.insert(traces.getColumn(0).getString());
    }
    for (const std::string& trace_id : load_.answered()) {
      EXPECT_EQ(whole.count(trace_id), 1U) << trace_id;
    }
  }

  void kill_times(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      kill_under_load(round);
      expect_all_answered_are_there();
    }
  }

  Load load_;
  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "traces.db";
};

TEST_F(ReceiverKill, WhatWasAnsweredIsStored) {
  kill_times(3);
}

// Its own test for `ctest`, with the label `slow`.
TEST_F(ReceiverKill, WhatWasAnsweredIsStoredFiftyTimes) {
  kill_times(50);
}

}  // namespace
