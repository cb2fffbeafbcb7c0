#include "pipeline/outcome_callbacks.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_client.h"
#include "tests/support/records.h"

namespace langfuse::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

void submit(int count) {
  for (int i = 0; i < count; ++i) Client::current()->submit(make_record());
}

class OutcomeCallbacksTest : public FakeClientTest {
 protected:
  OutcomeCallbacksTest() {
    shutdown();
    Settings settings = test_settings();
    settings.queue_max_records = 4;
    settings.on_batch = [this](const BatchReport& batch) {
      batches_.push_back(batch);
      in_callback_();
    };
    settings.on_drop = [this](DropReason reason, std::uint64_t count) {
      drops_.emplace_back(reason, count);
      in_callback_();
    };
    start(settings);
  }
  ~OutcomeCallbacksTest() override {
    transport_->answer_all(FakeTransport::status(200));
    shutdown();
  }

  // The flusher's while it runs; a flush or a shutdown that has returned publishes them.
  std::vector<BatchReport> batches_;
  std::vector<std::pair<DropReason, std::uint64_t>> drops_;
  std::function<void()> in_callback_ = [] {};
};

TEST_F(OutcomeCallbacksTest, ADeliveredBatchIsToldBeforeTheFlushReturns) {
  HttpReply reply = FakeTransport::status(200);
  reply.duration = std::chrono::milliseconds(250);
  transport_->answer_all(reply);
  submit(3);

  flush();

  ASSERT_THAT(batches_, SizeIs(1));
  EXPECT_EQ(batches_[0].records, 3u);
  EXPECT_TRUE(batches_[0].is_delivered);
  EXPECT_EQ(batches_[0].status, 200);
  EXPECT_EQ(batches_[0].sent_bytes, transport_->requests().at(0).body.size());
  EXPECT_EQ(batches_[0].duration, Seconds{0.25});
  EXPECT_THAT(drops_, IsEmpty());
}

TEST_F(OutcomeCallbacksTest, ARefusedBatchIsToldWithItsReason) {
  transport_->answer_all(FakeTransport::status(400));
  submit(2);

  flush();

  ASSERT_THAT(batches_, SizeIs(1));
  EXPECT_FALSE(batches_[0].is_delivered);
  EXPECT_EQ(batches_[0].dropped_as, DropReason::rejected);
  EXPECT_EQ(batches_[0].status, 400);
  EXPECT_THAT(drops_, ElementsAre(Pair(DropReason::rejected, 2u)));
}

TEST_F(OutcomeCallbacksTest, WhatTheQueueRefusedIsToldByTheNextFlush) {
  transport_->answer_all(FakeTransport::status(200));
  submit(7);

  flush();

  EXPECT_THAT(drops_, ElementsAre(Pair(DropReason::queue_full, 3u)));
}

TEST_F(OutcomeCallbacksTest, OnlyTheIncreaseIsTold) {
  transport_->answer_all(FakeTransport::status(200));

  Client::current()->counters().dropped.add(DropReason::too_large);
  flush();
  flush();
  Client::current()->counters().dropped.add(DropReason::too_large);
  Client::current()->counters().dropped.add(DropReason::too_large);
  flush();

  EXPECT_THAT(drops_,
              ElementsAre(Pair(DropReason::too_large, 1u), Pair(DropReason::too_large, 2u)));
}

TEST_F(OutcomeCallbacksTest, WhatAShutdownGivesUpIsToldBeforeItReturns) {
  submit(4);

  shutdown(std::chrono::milliseconds(20));

  ASSERT_THAT(batches_, SizeIs(1));
  EXPECT_EQ(batches_[0].dropped_as, DropReason::at_shutdown);
  EXPECT_EQ(batches_[0].status, 0);
  EXPECT_EQ(batches_[0].sent_bytes, 0u);
  EXPECT_THAT(drops_, ElementsAre(Pair(DropReason::at_shutdown, 4u)));
}

TEST_F(OutcomeCallbacksTest, WhatTheyThrowIsIgnoredAndSaidOnce) {
  in_callback_ = [] { throw std::runtime_error("no"); };
  transport_->answer_all(FakeTransport::status(400));

  submit(1);
  flush();
  submit(1);
  flush();

  EXPECT_THAT(batches_, SizeIs(2));
  EXPECT_THAT(drops_, SizeIs(2));
  EXPECT_EQ(stats().dropped[DropReason::rejected], 2u);
  EXPECT_EQ(std::count_if(said_.begin(), said_.end(),
                          [](const std::string& line) {
                            return line.find("threw an exception") != std::string::npos;
                          }),
            1);
}

TEST_F(OutcomeCallbacksTest, AFlushInsideWouldDeadlock) {
  FlushStatus inside = FlushStatus::ok;
  in_callback_ = [&inside] { inside = flush(std::chrono::hours(1)).status; };
  transport_->answer_all(FakeTransport::status(200));
  submit(1);

  flush();

  EXPECT_EQ(inside, FlushStatus::would_deadlock);
}

TEST_F(OutcomeCallbacksTest, WhatIsLoggedInsideIsIgnored) {
  bool is_library = false;
  in_callback_ = [&is_library] { is_library = in_library(); };
  transport_->answer_all(FakeTransport::status(200));
  submit(1);

  flush();

  EXPECT_TRUE(is_library);
}

TEST_F(OutcomeCallbacksTest, TheLastErrorIsInTheFlushAndInTheStatistics) {
  const std::int64_t before = wall_now_ns();
  transport_->answer_all(FakeTransport::failure("connection refused by sk-lf-test"));
  submit(1);

  flush(std::chrono::milliseconds(20));
  ASSERT_TRUE(transport_->wait_for_requests(1));
  ASSERT_TRUE(transport_->wait_for_idle());

  const LastError error = stats().last_error;
  EXPECT_THAT(error.text, HasSubstr("connection refused"));
  EXPECT_THAT(error.text, Not(HasSubstr("sk-lf-test")));
  EXPECT_GE(error.time_unix_nano, before);
  EXPECT_LE(error.time_unix_nano, wall_now_ns());
  EXPECT_EQ(flush(std::chrono::milliseconds(0)).last_error.text, error.text);
}

TEST_F(OutcomeCallbacksTest, WithoutTroubleThereIsNoLastError) {
  transport_->answer_all(FakeTransport::status(200));
  submit(1);

  const FlushResult result = flush();

  EXPECT_EQ(result.last_error.text, "");
  EXPECT_EQ(result.last_error.time_unix_nano, 0);
}

}  // namespace
}  // namespace langfuse::internal
