#include "tests/support/capture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "tests/support/null_transport.h"
#include "tests/support/requests.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Far beyond what anything here takes.
SteadyTime far_deadline() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

}  // namespace

class Capture::Transport : public NullTransport {
 public:
  void start(HttpChannel channel, const HttpRequest& request) override {
    EXPECT_FALSE(is_gzip(request));
    if (channel == channel_of(Route::spans)) {
      const std::lock_guard<std::mutex> lock(mutex_);
      bodies_.push_back(body_of(request));
    }
    NullTransport::start(channel, request);
  }

  std::vector<std::string> take_bodies() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(bodies_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> bodies_;  // guarded by mutex_
};

Settings capture_settings() {
  Settings settings;
  settings.public_key = "pk-lf-test";
  settings.secret_key = "sk-lf-test";
  settings.service_name = "test-service";
  settings.flush_at = 1'000'000;
  settings.flush_interval = Seconds(3600);
  settings.compression = Compression::none;
  return settings;
}

Capture::Capture(Settings settings) {
  auto transport = std::make_unique<Transport>();
  transport_ = transport.get();
  const Error error = Client::start(std::move(settings), std::move(transport), nullptr);
  EXPECT_FALSE(error) << error.message;
  client_ = Client::current();
}

Capture::~Capture() {
  client_->shutdown(far_deadline());
}

std::vector<DecodedSpan> Capture::spans() {
  const FlushResult result = client_->flush(far_deadline());
  EXPECT_EQ(result.status, FlushStatus::ok);
  std::vector<DecodedSpan> spans;
  for (const std::string& body : transport_->take_bodies()) {
    const DecodedBatch batch = decode_request(body);
    spans.insert(spans.end(), batch.spans.begin(), batch.spans.end());
  }
  return spans;
}

DecodedSpan Capture::only_span() {
  const std::vector<DecodedSpan> all = spans();
  EXPECT_EQ(all.size(), 1u);
  return all.size() == 1 ? all.front() : DecodedSpan();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
