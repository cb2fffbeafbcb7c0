// The routes that the web page reads. They are not part of Langfuse's API and need no keys: see
// `same_origin.h` for what protects them. Times are microseconds since the Unix epoch.
//
//   /local/traces?limit=&before=&before_id=&q=&level=&type=&user=&session=&tag=&environment=
//   /local/traces/<id>
//   /local/traces/<id>/observations/<id>
//   /local/sessions?limit=
//   /local/facets
//   /local/search?q=&limit=
//   /local/export?trace=&format=            (trace_export.h)

#pragma once

#include "receiver/http/http_message.h"
#include "receiver/store/media_store.h"
#include "receiver/store/store.h"

namespace langfuse_receiver {

// Answers any `GET` below `/local/`. With `?revision=N` the lists answer `{"revision":N}` alone
// when nothing was stored since, so that asking every second costs nothing. A page of traces ends
// with the trace whose `start` and `id` are `before` and `before_id` of the next one. `media` null:
// no trace has any.
HttpResponse read_local(const HttpRequest& request, Store& store, const MediaStore* media);

}  // namespace langfuse_receiver
