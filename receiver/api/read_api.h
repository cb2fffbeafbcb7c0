// The reading half of the public API, in the shapes of a Langfuse v4 server:
// `GET /api/public/v2/observations`, `GET /api/public/v3/scores` and `GET /api/public/projects`.

#pragma once

#include "receiver/http/http_message.h"
#include "receiver/store/store.h"

namespace langfuse_receiver {

// Everything received belongs to one project.
inline constexpr const char* project_id = "local";

HttpResponse read_projects();
HttpResponse read_observations(const HttpRequest& request, Store& store);
HttpResponse read_scores(const HttpRequest& request, Store& store);

// `row` with all field groups; `text_limit` > 0 says that input and output were cut to that length.
Json observation_json(const ObservationRow& row);
Json score_json(const ScoreRow& row);

}  // namespace langfuse_receiver
