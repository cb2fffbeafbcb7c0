// A client that a static constructor starts, before `main` and before the static objects of the
// library are made. A program of its own, because that happens once a process.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "tests/support/fake_client.h"

namespace langfuse::internal {
namespace {

Error start() {
  auto transport = std::make_unique<FakeTransport>();
  const TimeSource* const time = transport.get();
  return Client::start(test_settings(), std::move(transport), time);
}

const Error started = start();

TEST(EarlyStart, OfAStaticConstructorStaysInForce) {
  EXPECT_EQ(started.message, "");
  EXPECT_NE(Client::current_or_null(), nullptr);
}

}  // namespace
}  // namespace langfuse::internal
