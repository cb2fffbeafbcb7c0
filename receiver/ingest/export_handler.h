// `POST /api/public/otel/v1/traces`: an OTLP export becomes rows. It does not know where they are
// stored.

#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "receiver/http/authorization.h"
#include "receiver/http/http_message.h"
#include "receiver/rows/observation_row.h"

namespace langfuse_receiver {

// Stores the rows, all of them or none.
using StoreObservations = std::function<void(const std::vector<ObservationRow>& rows)>;

// Returns after `store`, which is not called for an export without spans. `max_body_bytes` holds
// before decompression and after it. What is refused is answered as the server does, in the order
// of its checks. What `store` throws passes through, as does `Interrupted`.
HttpResponse receive_export(const HttpRequest& request, const Keys& keys,
                            std::size_t max_body_bytes, const StoreObservations& store);

}  // namespace langfuse_receiver
