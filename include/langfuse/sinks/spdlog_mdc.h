// What a line takes from its thread and not from the message: the entries of spdlog's mapped
// diagnostic context (`spdlog::mdc`, 1.14 and newer), which become metadata. Not for users.
//
// `spdlog_attach.h` uses it, which runs where a line is logged. A sink may run on another thread,
// with an MDC of its own, and reads none.
#pragma once

#include "langfuse/sinks/spdlog_sink.h"

// A newer spdlog elsewhere on the include path may have the header where the one in use is older.
#if SPDLOG_VERSION >= 11400 && __has_include(<spdlog/mdc.h>) && !defined(SPDLOG_NO_TLS)
#include <spdlog/mdc.h>

#include <vector>
#define LANGFUSE_SPDLOG_MDC
#endif

#if !defined(LANGFUSE_SPDLOG_STUBS)
namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

// Gives a line that was logged on this thread the thread's entries as fields. The fields last as
// long as the object, their texts as long as the entries. Throws `std::bad_alloc`. Without an MDC
// it does nothing.
struct LANGFUSE_LOCAL MdcFields {
#if defined(LANGFUSE_SPDLOG_MDC)
  explicit MdcFields(LogLine& line) {
    if (!line.is_from_here) return;  // a replayed line had another MDC
    for (const auto& [name, value] : ::spdlog::mdc::get_context()) fields.push_back({name, value});
    line.fields = fields.data();
    line.field_count = fields.size();
  }

  std::vector<LineField> fields;
#else
  explicit MdcFields(LogLine&) noexcept {}
#endif
};

}  // namespace internal
}  // namespace LANGFUSE_ABI
}  // namespace langfuse
#endif  // LANGFUSE_SPDLOG_STUBS
