#include "receiver/ingest/score_handler.h"

#include <cstddef>
#include <utility>

#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/http/json_response.h"
#include "receiver/ingest/request_sender.h"
#include "receiver/ingest/score_ingestion.h"

namespace langfuse_receiver {
namespace {

constexpr std::size_t max_ingestion_bytes = 4'500'000;

using IngestBody = IngestionResult (*)(const std::string& body, const Sender& sender,
                                       std::int64_t now_unix_nano);

// What both check first; `ingest_body` does the rest.
HttpResponse receive_scores(const HttpRequest& request, const Keys& keys, const StoreScores& store,
                            IngestBody ingest_body) {
  // Next.js refuses these before the route runs.
  if (request.body_too_large || request.body.size() > max_ingestion_bytes) {
    return {413, "Body exceeded 4.5mb limit", "text/plain", {}};
  }
  const Authorization authorization = authorize(request.header("authorization"), keys);
  if (authorization.access == Access::none) {
    return json_response(401, {{"error", "UnauthorizedError"}, {"message", authorization.problem}});
  }
  if (!request.header("content-encoding").empty()) {
    return {400, "Invalid JSON", "text/plain", {}};  // this route does not inflate
  }
  if (!contains_ignoring_case(request.header("content-type"), "application/json")) {
    return json_response(400, {{"message", "Invalid request data"},
                               {"errors", {"expected content type application/json"}}});
  }
  IngestionResult result = ingest_body(request.body, sender_of(request, keys), now_unix_nano());
  if (!result.scores.empty()) {
    store(result.scores);
  }
  return std::move(result.response);
}

}  // namespace

HttpResponse receive_score_batch(const HttpRequest& request, const Keys& keys,
                                 const StoreScores& store) {
  return receive_scores(request, keys, store, ingest);
}

HttpResponse receive_score(const HttpRequest& request, const Keys& keys, const StoreScores& store) {
  return receive_scores(request, keys, store, ingest_score);
}

}  // namespace langfuse_receiver
