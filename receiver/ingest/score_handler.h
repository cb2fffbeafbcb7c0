// The two requests that bring scores: who may send them, and what is stored of them. What their
// bodies mean is in `score_ingestion.h`. It does not know where scores are stored.

#pragma once

#include <functional>
#include <vector>

#include "receiver/http/authorization.h"
#include "receiver/http/http_message.h"
#include "receiver/rows/score_row.h"

namespace langfuse_receiver {

// Stores the rows, all of them or none.
using StoreScores = std::function<void(const std::vector<ScoreRow>& rows)>;

// `POST /api/public/ingestion` and `POST /api/public/scores`. Both return after `store`, which is
// not called where there is no score. The public key alone is enough. What `store` throws passes
// through, as does `Interrupted`.
HttpResponse receive_score_batch(const HttpRequest& request, const Keys& keys,
                                 const StoreScores& store);
HttpResponse receive_score(const HttpRequest& request, const Keys& keys, const StoreScores& store);

}  // namespace langfuse_receiver
