#include "langfuse/tracing/trace_url.h"

#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {

// The server's pages: `web/src/pages/project/[projectId]/traces/[traceId].tsx` and, the one that
// redirects, `web/src/pages/trace/[traceId].tsx`.
std::string trace_url(const TraceId& trace_id) {
  const internal::Client* const client = internal::Client::current();
  if (client == nullptr || !trace_id.is_valid()) return {};
  const internal::Settings& settings = client->settings();
  std::string url = settings.base_url;
  if (settings.project_id.empty()) {
    url += "/trace/";
  } else {
    url.append("/project/").append(settings.project_id).append("/traces/");
  }
  return url.append(trace_id.hex());
}

}  // namespace v0_1
}  // namespace langfuse
