// `sinks/spdlog_attach.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/sinks/spdlog_attach.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// There is no front: both return the logger.
inline std::shared_ptr<::spdlog::logger> attach(const std::shared_ptr<::spdlog::logger>& logger,
                                                const AttachOptions& = {}) {
  return logger;
}
inline std::shared_ptr<::spdlog::logger> detach(const std::shared_ptr<::spdlog::logger>& logger) {
  return logger;
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
