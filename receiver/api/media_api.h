// The routes of media, in the shapes of a Langfuse server: announce (POST), upload (PUT to the
// address that was answered), report (PATCH), read (GET). Where a server hands out an address of
// its object storage, ours is one of the receiver, which needs no keys: only bytes that were
// announced with keys are taken there, and they are known by their hash. Source: langfuse
// `web/src/pages/api/public/media/` and `web/src/features/media/validation.ts`, v4.16.0.

#pragma once

#include <cstddef>
#include <string>

#include "receiver/base/json_text.h"
#include "receiver/http/http_message.h"
#include "receiver/store/media_store.h"

namespace langfuse_receiver {

// `POST /api/public/media`. Files above `max_bytes` are refused, as are types that a server does
// not list; the answer names the field.
HttpResponse announce_media(const HttpRequest& request, std::size_t max_bytes, MediaStore& store);

// `PATCH` and `GET /api/public/media/<id>`.
HttpResponse report_media(const HttpRequest& request, const std::string& id,
                          const MediaStore& store);
HttpResponse describe_media(const HttpRequest& request, const std::string& id,
                            const MediaStore& store);

// `PUT /local/media/<id>`: the bytes, as announced: length, type and hash are compared.
HttpResponse upload_media(const HttpRequest& request, const std::string& id, MediaStore& store);

// `GET /local/media/<id>`: the bytes, in a sandbox; what a browser should not show is an
// attachment.
HttpResponse serve_media(const std::string& id, const MediaStore& store);

// What a trace shows of its media: a list of
// {"mediaId", "observationId", "field", "contentType", "contentLength", "url"}.
Json media_of_trace(const std::string& trace_id, const MediaStore& store);

}  // namespace langfuse_receiver
