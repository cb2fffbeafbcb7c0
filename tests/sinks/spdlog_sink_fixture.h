// The fixture of the tests of `SpdlogSink`.
#pragma once

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "langfuse/sinks/spdlog_sink.h"
#include "tests/sinks/fake_door.h"

namespace langfuse::testing {

class SpdlogSinkTest : public ::testing::Test {
 protected:
  SpdlogSinkTest() { door_.reset(); }

  static std::shared_ptr<spdlog::logger> logger_with(std::shared_ptr<SpdlogSink> sink) {
    auto logger = std::make_shared<spdlog::logger>("app", std::move(sink));
    logger->set_level(spdlog::level::trace);
    return logger;
  }

  FakeDoor& door_ = FakeDoor::get();
};

}  // namespace langfuse::testing
