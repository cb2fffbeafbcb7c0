// Where a person looks at a trace.
#pragma once

#include <string>

#include "langfuse/export.h"
#include "langfuse/ids.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// The address of the trace's page: `{base_url}/project/{project_id}/traces/{trace_id}` with
// `Config::project_id`, otherwise `{base_url}/trace/{trace_id}`, from where a server finds the
// project by itself (a v4 server that keeps no table of traces does not: set the project there).
// Empty when the id is invalid or nothing is configured. Asks nobody, never blocks. Any thread.
LANGFUSE_API std::string trace_url(const TraceId& trace_id);

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/trace_url_stubs.h"
#endif
