// The routes that the web page reads: `/local/traces`, `/local/traces/<id>` and
// `/local/traces/<id>/observations/<id>`. They are not part of Langfuse's API and need no keys: see
// `same_origin.h` for what protects them.

#pragma once

#include "receiver/http_message.h"
#include "receiver/media_store.h"
#include "receiver/store.h"

namespace langfuse_receiver {

// Answers any `GET` below `/local/`. With `?revision=N` the lists answer `{"revision":N}` alone
// when nothing was stored since, so that asking every second costs nothing.
// `media` null: no trace has any.
HttpResponse read_local(const HttpRequest& request, Store& store, const MediaStore* media);

}  // namespace langfuse_receiver
