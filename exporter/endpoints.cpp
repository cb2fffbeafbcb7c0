#include "exporter/endpoints.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::string url_of(Endpoint endpoint, const std::string& traces_url,
                   const std::string& scores_url) {
  switch (endpoint) {
    case Endpoint::traces:
      return traces_url;
    case Endpoint::ingestion:
      return scores_url + "/api/public/ingestion";
    case Endpoint::scores:
      return scores_url + "/api/public/scores";
    case Endpoint::health:
      return scores_url + "/api/public/health";
  }
  return {};
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
