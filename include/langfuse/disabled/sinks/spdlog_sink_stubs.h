// `sinks/spdlog_sink.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/sinks/spdlog_sink.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// A sink that can be added to loggers and has a level, and ignores every line.
class LANGFUSE_LOCAL SpdlogSink final : public ::spdlog::sinks::sink {
 public:
  using Options = SpdlogSinkOptions;

  explicit SpdlogSink(const Options& options = {}) { set_level(options.level); }

  void log(const ::spdlog::details::log_msg&) noexcept override {}
  void flush() noexcept override {}
  void set_pattern(const std::string&) noexcept override {}
  void set_formatter(std::unique_ptr<::spdlog::formatter>) noexcept override {}

  template <class Logger>
  static void watch(const std::shared_ptr<Logger>&) {}
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
