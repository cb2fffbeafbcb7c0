// Loggers whose only sink is Langfuse, made and registered as spdlog's own factories do.
//
//     auto log = langfuse::langfuse_logger_mt("app");
//     log->info("cache miss");
//
// A program that also prints its lines adds a `SpdlogSink` to its logger instead, or calls
// `attach`.
#pragma once

#include <memory>
#include <string>

#include "langfuse/sinks/spdlog_attach.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// Makes and registers a logger. Throws `spdlog::spdlog_ex` when a logger of that name exists. With
// `spdlog::async_factory` the logger is asynchronous; that has no advantage here, because the sink
// never waits for the network.
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

// Makes and registers the same logger as `langfuse_logger_mt`: the sink has no lock that a single
// thread could save.
template <class Factory = ::spdlog::synchronous_factory>
LANGFUSE_INLINE std::shared_ptr<::spdlog::logger> langfuse_logger_st(
    const std::string& name, const SpdlogSinkOptions& options = {}) {
  return langfuse_logger_mt<Factory>(name, options);
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
