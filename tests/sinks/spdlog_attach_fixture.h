// The fixture of the tests of `attach`: loggers that print into a string, plain or behind a queue.
#pragma once

#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

#include "langfuse/sinks/spdlog_attach.h"
#include "tests/sinks/fake_door.h"

namespace langfuse::testing {

class SpdlogAttach : public ::testing::Test {
 protected:
  SpdlogAttach() : default_logger_(spdlog::default_logger()) { door_.reset(); }
  ~SpdlogAttach() override {
    spdlog::drop("app");
    spdlog::set_default_logger(default_logger_);
  }

  // A logger that prints "logger level message" lines into `printed_`.
  std::shared_ptr<spdlog::logger> printing_logger() {
    auto logger = std::make_shared<spdlog::logger>("app", printing_sink());
    logger->set_pattern("%n %l %v");
    return logger;
  }
  std::shared_ptr<spdlog::sinks::sink> printing_sink() {
    return std::make_shared<spdlog::sinks::ostream_sink_mt>(printed_);
  }

  // The same behind a queue. The pool ends with its owner, when all has been printed.
  std::shared_ptr<spdlog::logger> asynchronous_logger() {
    pool_ = std::make_shared<spdlog::details::thread_pool>(64, 1);
    auto logger = std::make_shared<spdlog::async_logger>("app", printing_sink(), pool_);
    logger->set_pattern("%n %l %v");
    return logger;
  }
  std::string printed() {
    pool_.reset();
    return printed_.str();
  }

  FakeDoor& door_ = FakeDoor::get();
  std::shared_ptr<spdlog::logger> default_logger_;
  std::ostringstream printed_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
};

}  // namespace langfuse::testing
