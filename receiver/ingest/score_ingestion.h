// The two routes that take scores, as a Langfuse v4 server has them. `POST /api/public/ingestion`
// validates a batch event by event and answers with 207; trace and observation events are refused
// one by one. `POST /api/public/scores` takes one score. Source: langfuse
// `packages/shared/src/server/ingestion/types.ts` and `validateAndInflateScore.ts`, v4.16.0.

#pragma once

#include <string>
#include <vector>

#include "receiver/http/http_message.h"
#include "receiver/rows/score_row.h"
#include "receiver/rows/sender.h"

namespace langfuse_receiver {

struct IngestionResult {
  HttpResponse response;
  std::vector<ScoreRow> scores;  // to be stored before the response is sent
};

// `body` is the request's text. A score without `body.id` is acknowledged and not stored: so does
// the server. What a server would lose like this is named in `warnings` beside `errors`.
IngestionResult ingest(const std::string& body, const Sender& sender, std::int64_t now_unix_nano);

// `body` is the request's text. A score without `id` gets a random one; its time is
// `now_unix_nano`.
IngestionResult ingest_score(const std::string& body, const Sender& sender,
                             std::int64_t now_unix_nano);

}  // namespace langfuse_receiver
