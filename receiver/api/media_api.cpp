#include "receiver/api/media_api.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"
#include "receiver/http/json_response.h"

namespace langfuse_receiver {
namespace {

constexpr std::int64_t url_lifetime_nano = 3'600'000'000'000;

constexpr std::string_view content_types[] = {
    "image/png",
    "image/jpeg",
    "image/jpg",
    "image/webp",
    "image/gif",
    "image/svg+xml",
    "image/tiff",
    "image/bmp",
    "image/avif",
    "image/heic",
    "audio/mpeg",
    "audio/mp3",
    "audio/wav",
    "audio/ogg",
    "audio/oga",
    "audio/aac",
    "audio/mp4",
    "audio/flac",
    "audio/opus",
    "audio/webm",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/mpeg",
    "video/quicktime",
    "video/x-msvideo",
    "video/x-matroska",
    "text/plain",
    "text/html",
    "text/css",
    "text/csv",
    "text/markdown",
    "text/x-python",
    "text/x-typescript",
    "application/javascript",
    "application/x-yaml",
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/zip",
    "application/json",
    "application/xml",
    "application/octet-stream",
    "application/rtf",
    "application/x-ndjson",
    "application/vnd.apache.parquet",
    "application/gzip",
    "application/x-tar",
    "application/x-7z-compressed"};

// A request that is refused; the text names the field.
class InvalidMedia : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

HttpResponse refusal(const std::string& why) {
  return json_response(400, {{"message", "Invalid request data"}, {"error", why}});
}

HttpResponse no_such_media() {
  return json_response(404,
                       {{"message", "Media asset not found"}, {"error", "LangfuseNotFoundError"}});
}

Json object_in(const HttpRequest& request) {
  auto body = parse_json(request.body);
  if (!body || !body->is_object()) {
    throw InvalidMedia("expected a JSON object");
  }
  return std::move(*body);
}

std::string text_field(const Json& body, const char* name, bool is_required) {
  const auto field = body.find(name);
  if (field == body.end() || field->is_null()) {
    if (is_required) {
      throw InvalidMedia(std::string(name) + ": is missing");
    }
    return {};
  }
  if (!field->is_string()) {
    throw InvalidMedia(std::string(name) + ": expected a string");
  }
  return field->get<std::string>();
}

std::int64_t integer_field(const Json& body, const char* name) {
  const auto field = body.find(name);
  if (field == body.end() || !field->is_number_integer()) {
    throw InvalidMedia(std::string(name) + ": expected an integer");
  }
  return field->get<std::int64_t>();
}

MediaLink link_in(const Json& body) {
  const std::string field = text_field(body, "field", true);
  if (body.contains("datasetId") && !body.contains("traceId")) {
    if (field != "input" && field != "expectedOutput" && field != "metadata") {
      throw InvalidMedia("field: expected input, expectedOutput or metadata");
    }
    text_field(body, "datasetItemId", true);
    return {};
  }
  if (field != "input" && field != "output" && field != "metadata") {
    throw InvalidMedia("field: expected input, output or metadata");
  }
  return {text_field(body, "traceId", true), text_field(body, "observationId", false), field};
}

Media media_in(const Json& body, std::size_t max_bytes) {
  Media media;
  media.content_type = text_field(body, "contentType", true);
  if (std::find(std::begin(content_types), std::end(content_types), media.content_type) ==
      std::end(content_types)) {
    throw InvalidMedia("contentType: " + media.content_type + " is not accepted");
  }
  media.content_length = integer_field(body, "contentLength");
  if (media.content_length <= 0 || static_cast<std::size_t>(media.content_length) > max_bytes) {
    throw InvalidMedia("contentLength: expected 1 to " + std::to_string(max_bytes) + " bytes");
  }
  media.sha256 = text_field(body, "sha256Hash", true);
  if (!is_sha256(media.sha256)) {
    throw InvalidMedia("sha256Hash: expected the 44 characters of a SHA-256 in base64");
  }
  return media;
}

std::string sha256_of(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  ::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, ::EVP_sha256(), nullptr);
  std::array<unsigned char, 64> text{};
  const int text_length = ::EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(length));
  return {text.begin(), text.begin() + text_length};
}

// `Host` is one of ours: `same_origin.h` has checked it.
std::string url_of(const HttpRequest& request, const std::string& id) {
  return "http://" + request.header("host") + "/local/media/" + id;
}

}  // namespace

HttpResponse announce_media(const HttpRequest& request, std::size_t max_bytes, MediaStore& store) {
  try {
    const Json body = object_in(request);
    const Media media = media_in(body, max_bytes);
    const std::string id = media_id(media.sha256);
    const bool is_here = store.announce(media, link_in(body));
    return json_response(
        201, {{"mediaId", id}, {"uploadUrl", is_here ? Json() : Json(url_of(request, id))}});
  } catch (const InvalidMedia& invalid) {
    return refusal(invalid.what());
  }
}

HttpResponse report_media(const HttpRequest& request, const std::string& id,
                          const MediaStore& store) {
  try {
    const Json body = object_in(request);
    if (!parse_iso_time(text_field(body, "uploadedAt", true))) {
      throw InvalidMedia("uploadedAt: expected ISO 8601 with Z or an offset");
    }
    integer_field(body, "uploadHttpStatus");
    text_field(body, "uploadHttpError", false);
  } catch (const InvalidMedia& invalid) {
    return refusal(invalid.what());
  }
  return store.find(id) ? json_response(200, {{"message", "OK"}}) : no_such_media();
}

HttpResponse describe_media(const HttpRequest& request, const std::string& id,
                            const MediaStore& store) {
  const auto media = store.find(id);
  if (!media || media->uploaded_unix_nano == 0) {
    return no_such_media();
  }
  return json_response(200, {{"mediaId", id},
                             {"contentType", media->content_type},
                             {"contentLength", media->content_length},
                             {"uploadedAt", to_iso_time(media->uploaded_unix_nano)},
                             {"url", url_of(request, id)},
                             {"urlExpiry", to_iso_time(now_unix_nano() + url_lifetime_nano)}});
}

HttpResponse upload_media(const HttpRequest& request, const std::string& id, MediaStore& store) {
  const auto media = store.find(id);
  if (!media) {
    return no_such_media();
  }
  if (request.body_too_large ||
      request.body.size() != static_cast<std::size_t>(media->content_length)) {
    return refusal("Content-Length: announced were " + std::to_string(media->content_length) +
                   " bytes");
  }
  if (request.header("content-type") != media->content_type) {
    return refusal("Content-Type: announced was " + media->content_type);
  }
  const std::string checksum = request.header("x-amz-checksum-sha256");
  if (sha256_of(request.body) != media->sha256 ||
      (!checksum.empty() && checksum != media->sha256)) {
    return refusal("the bytes do not have the announced SHA-256");
  }
  store.keep(id, request.body, now_unix_nano());
  return {200, {}, "application/json", {}};
}

HttpResponse serve_media(const std::string& id, const MediaStore& store) {
  const auto media = store.find(id);
  auto bytes = store.bytes(id);
  if (!media || !bytes) {
    return no_such_media();
  }
  std::string type = media->content_type;
  if (starts_with(type, "text/")) {
    type = "text/plain; charset=utf-8";  // a page of somebody else's is shown as its source
  }
  const bool can_be_shown = starts_with(type, "image/") || starts_with(type, "audio/") ||
                            starts_with(type, "video/") || starts_with(type, "text/") ||
                            type == "application/pdf";
  return {200,
          std::move(*bytes),
          type,
          {{"Content-Security-Policy", "sandbox"},
           {"Content-Disposition", can_be_shown ? "inline" : "attachment"}}};
}

Json media_of_trace(const std::string& trace_id, const MediaStore& store) {
  Json list = Json::array();
  for (const Media& media : store.of_trace(trace_id)) {
    for (const MediaLink& link : media.links) {
      if (link.trace_id == trace_id) {
        list.push_back({{"mediaId", media.id},
                        {"observationId", link.observation_id},
                        {"field", link.field},
                        {"contentType", media.content_type},
                        {"contentLength", media.content_length},
                        {"url", "/local/media/" + media.id}});
      }
    }
  }
  return list;
}

}  // namespace langfuse_receiver
