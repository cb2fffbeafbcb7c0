// Loggers whose only sink is Langfuse, made in spdlog's manner and put into its registry.
//
//     auto log = langfuse::langfuse_logger_mt("app");
//     log->info("cache miss");
//
// A program that also prints adds a `SpdlogSink` to the logger it has, or calls `attach`.
#pragma once

#include <memory>
#include <string>

#include "langfuse/sinks/spdlog_attach.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// Throws `spdlog::spdlog_ex` when a logger of that name exists. With `spdlog::async_factory` the
// logger is asynchronous; that is no use here, because the sink never waits.
template <class Factory = ::spdlog::synchronous_factory>
LANGFUSE_INLINE std::shared_ptr<::spdlog::logger> langfuse_logger_mt(
    const std::string& name, const SpdlogSinkOptions& options = {}) {
  const std::shared_ptr<::spdlog::logger> logger =
      Factory::template create<SpdlogSink>(name, options);
#if !defined(LANGFUSE_SPDLOG_STUBS)
  if (internal::is_asynchronous(*logger, false)) internal::expect_pool_lines();
#endif
  return logger;
}

// The same: the sink has no lock that a single thread could do without.
template <class Factory = ::spdlog::synchronous_factory>
LANGFUSE_INLINE std::shared_ptr<::spdlog::logger> langfuse_logger_st(
    const std::string& name, const SpdlogSinkOptions& options = {}) {
  return langfuse_logger_mt<Factory>(name, options);
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
