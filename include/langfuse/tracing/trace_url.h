// The address of a trace's page.
#pragma once

#include <string>

#include "langfuse/export.h"
#include "langfuse/ids.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// The address of the trace's page in Langfuse. With `Config::project_id` it is
// `{base_url}/project/{project_id}/traces/{trace_id}`. Otherwise it is
// `{base_url}/trace/{trace_id}`, from which the server finds the project; a v4 server that keeps no
// table of traces cannot, so set the project there. Empty when the id is invalid or nothing is
// configured. Makes no request, never blocks; throws only for lack of memory. Any thread.
LANGFUSE_API std::string trace_url(const TraceId& trace_id);

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/trace_url_stubs.h"
#endif
