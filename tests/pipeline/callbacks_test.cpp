// No callback of the user runs under a lock: each may call whatever it likes, and wait for threads
// that do.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "langfuse/config.h"
#include "langfuse/langfuse.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"

namespace langfuse {
namespace {

class Callbacks : public ::testing::Test {
 protected:
  ~Callbacks() override {
    shutdown(std::chrono::milliseconds(0));
    internal::Client::forget();
    internal::configure_diagnostics({});
  }

  // Nothing answers at its address.
  static Config config() {
    Config config;
    config.public_key = "pk-lf-test";
    config.secret_key = "sk-lf-test";
    config.base_url = "http://127.0.0.1:1";
    config.debug = true;
    config.exit_hook = false;
    return config;
  }

  static void call_everything() {
    why_disabled();
    enabled();
    stats();
    flush(std::chrono::milliseconds(0));
    unregister_flush_source(register_flush_source("of a callback", [](std::int64_t) {}));
    init(config());
    shutdown(std::chrono::milliseconds(0));
    why_disabled();
  }
};

TEST_F(Callbacks, OnErrorMayCallEverything) {
  Config bad = config();
  bad.base_url = "no address";
  int calls = 0;
  bad.on_error = [&calls](const Diagnostic&) {
    ++calls;
    call_everything();
  };

  init(bad);

  EXPECT_EQ(calls, 1);
}

// The two orders: `init` has much to say with `debug`, and `on_error` asks what `init` writes.
TEST_F(Callbacks, OnErrorMayWaitForAnotherThreadThatCallsEverything) {
  std::promise<void> is_done;
  std::future<void> done = is_done.get_future();
  Config bad = config();
  bad.base_url = "no address";
  std::thread other;
  int calls = 0;
  bad.on_error = [&](const Diagnostic&) {
    if (++calls > 1) return;
    other = std::thread([&is_done] {
      call_everything();
      is_done.set_value();
    });
    done.wait();
    call_everything();
  };

  init(bad);

  other.join();
  EXPECT_GE(calls, 1);
}

// A callback is copied when it is configured, and so is what it holds.
struct CopyAsks {
  CopyAsks() = default;
  CopyAsks(const CopyAsks&) { asked = why_disabled() + (init() ? " refused" : ""); }
  CopyAsks& operator=(const CopyAsks&) = delete;
  CopyAsks(CopyAsks&&) = default;
  CopyAsks& operator=(CopyAsks&&) = delete;
  ~CopyAsks() { static_cast<void>(why_disabled()); }
  void operator()(const BatchReport&) const {}

  static std::string asked;
};
std::string CopyAsks::asked;

TEST_F(Callbacks, WhatAConfigHoldsMayCallTheLibraryWhenItIsCopied) {
  Config with_copies = config();
  with_copies.on_batch = CopyAsks();

  EXPECT_FALSE(init(with_copies));

  EXPECT_NE(CopyAsks::asked.find("refused"), std::string::npos);
  EXPECT_TRUE(enabled());
}

TEST_F(Callbacks, AFlushSourceMayCallEverythingWhenItEnds) {
  struct Ends {
    ~Ends() { call_everything(); }
  };
  const std::uint64_t source =
      register_flush_source("ends", [ends = std::make_shared<Ends>()](std::int64_t) {});

  EXPECT_TRUE(unregister_flush_source(source));
}

}  // namespace
}  // namespace langfuse
