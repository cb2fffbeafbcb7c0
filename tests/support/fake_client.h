// The client of the process on a scripted transport and a hand-driven clock.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "langfuse/config.h"
#include "langfuse/langfuse.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "pipeline/settings/settings.h"
#include "tests/support/fake_transport.h"

namespace langfuse::internal {

// Settings for a client that a test drives by hand: batches close by a flush only.
inline Settings test_settings() {
  Settings settings;
  settings.public_key = "pk-lf-test";
  settings.secret_key = "sk-lf-test";
  settings.base_url = "http://127.0.0.1:9";
  settings.traces_url = settings.base_url + "/api/public/otel/v1/traces";
  settings.scores_url = settings.base_url;
  settings.service_name = "test";
  settings.compression = Compression::none;
  settings.flush_timeout = Seconds{3600};
  settings.shutdown_timeout = Seconds{3600};
  return settings;
}

// Starts a client, and shuts it down at the end of the test. What the library says is kept instead
// of printed.
class FakeClientTest : public ::testing::Test {
 protected:
  explicit FakeClientTest(const Settings& settings = test_settings()) {
    DiagnosticsOptions options;
    options.on_error = [this](const Diagnostic& diagnostic) {
      said_.emplace_back(diagnostic.message);
    };
    configure_diagnostics(std::move(options));
    start(settings);
  }
  ~FakeClientTest() override {
    transport_->answer_all(FakeTransport::status(200));
    transport_->answer_all(FakeTransport::status(200), Route::scores);
    shutdown();
    Client::forget();
    configure_diagnostics({});
  }

  // After a shutdown: the next client.
  void start(const Settings& settings = test_settings()) {
    auto transport = std::make_unique<FakeTransport>();
    transport_ = transport.get();
    const Error error = Client::start(settings, std::move(transport), transport_);
    ASSERT_FALSE(error) << error.message;
  }

  // The law, when nothing is in flight.
  static void expect_conserved() {
    const Stats stats = langfuse::stats();
    EXPECT_EQ(stats.submitted + stats.recovered,
              stats.delivered + stats.dropped.total() + stats.spooled + stats.queued);
  }

  FakeTransport* transport_ = nullptr;  // the client's
  std::vector<std::string> said_;
};

}  // namespace langfuse::internal
