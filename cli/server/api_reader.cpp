#include "cli/server/api_reader.h"

#include <algorithm>
#include <utility>

#include "cli/terminal/terminal_text.h"
#include "receiver/base/iso_time.h"

namespace langfuse_cli {

using langfuse_receiver::Json;

namespace {

constexpr const char* observations_path = "/api/public/v2/observations";
constexpr long longest_retry_after = 60;  // seconds

std::string percent_encoded(const std::string& text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[byte >> 4U];
      encoded += digits[byte & 0xFU];
    }
  }
  return encoded;
}

// An answer of a server on one line, safe for a terminal.
std::string excerpt(const std::string& body) {
  constexpr std::size_t columns = 500;
  return fit(body, columns);
}

bool is_list_of_objects(const Json& answer) {
  const auto data = answer.find("data");
  return data != answer.end() && data->is_array() &&
         std::all_of(data->begin(), data->end(), [](const Json& item) { return item.is_object(); });
}

// Where the next page begins; empty after the last.
std::string next_cursor(const Json& page) {
  const auto meta = page.find("meta");
  if (meta == page.end() || !meta->is_object()) {
    return {};
  }
  const auto cursor = meta->find("cursor");
  return cursor != meta->end() && cursor->is_string() ? cursor->get<std::string>() : std::string();
}

}  // namespace

ApiReader::ApiReader(std::string url, std::string public_key, std::string secret_key)
    : public_key_(std::move(public_key)), secret_key_(std::move(secret_key)) {
  const std::size_t scheme_end = url.find("://");
  const std::string scheme = url.substr(0, scheme_end);
  if (scheme_end == std::string::npos || (scheme != "http" && scheme != "https")) {
    throw CommandError("the address \"" + url + "\" does not begin with http:// or https://");
  }
  while (url.back() == '/') {
    url.pop_back();
  }
  if (url.size() <= scheme_end + 3) {
    throw CommandError("the address \"" + scheme + "://\" has no host");
  }
  const std::size_t path_begin = std::min(url.find('/', scheme_end + 3), url.size());
  origin_ = url.substr(0, path_begin);
  path_ = url.substr(path_begin);
}

HttpClient ApiReader::client() const {
  return {public_key_, secret_key_, is_on_this_machine()};
}

Json ApiReader::get(const std::string& query) const {
  HttpReply reply;
  try {
    reply = client().get(origin_ + path_ + observations_path + "?" + query);
  } catch (const NoReply& none) {
    throw ServerAway("cannot reach " + origin_ + ": " + describe(none));
  }
  if (reply.status == 401) {
    throw CommandError(origin_ +
                       " does not know these keys (401); set LANGFUSE_PUBLIC_KEY and "
                       "LANGFUSE_SECRET_KEY to the keys of this server");
  }
  const std::string answered = origin_ + " answered " + std::to_string(reply.status);
  if (reply.status == 429 || reply.status >= 500) {
    throw ServerAway(
        answered + ": " + excerpt(reply.body),
        static_cast<int>(std::clamp(reply.retry_after_seconds, 0L, longest_retry_after)));
  }
  if (reply.status == 404) {
    throw CommandError(answered + ": it has no " + observations_path +
                       ", as Langfuse has from version 4 on (and the local receiver)");
  }
  auto answer = langfuse_receiver::parse_json(reply.body);
  if (reply.status != 200 || !answer || !is_list_of_objects(*answer)) {
    throw CommandError(answered + ": " + excerpt(reply.body));
  }
  return std::move(*answer);
}

std::vector<Json> ApiReader::observations(const std::string& trace_id, const std::string& fields,
                                          std::int64_t from_unix_nano) const {
  std::vector<Json> observations;
  std::string query = "limit=1000&fields=" + percent_encoded(fields);
  if (!trace_id.empty()) {
    query += "&traceId=" + percent_encoded(trace_id);
  }
  if (from_unix_nano > 0) {
    query += "&fromStartTime=" + percent_encoded(langfuse_receiver::to_iso_time(from_unix_nano));
  }
  std::string cursor;
  do {
    Json page = get(cursor.empty() ? query : query + "&cursor=" + percent_encoded(cursor));
    for (Json& observation : page["data"]) {
      observations.push_back(std::move(observation));
    }
    const std::string previous = std::exchange(cursor, next_cursor(page));
    if (!cursor.empty() && cursor == previous) {
      throw CommandError(origin_ + " answers the same page again and again");
    }
  } while (!cursor.empty());
  return observations;
}

std::string ApiReader::newest_trace_id() const {
  const Json page = get("limit=1");
  return page["data"].empty() ? std::string{}
                              : page["data"].front().value("traceId", std::string{});
}

bool ApiReader::is_on_this_machine() const {
  const std::string host = origin_.substr(origin_.find("://") + 3);
  return host.rfind("localhost", 0) == 0 || host.rfind("127.", 0) == 0 ||
         host.rfind("[::1]", 0) == 0;
}

void ApiReader::download(const std::string& path,
                         const std::function<void(std::string_view)>& take_piece) const {
  HttpReply reply;
  try {
    reply = client().get_pieces(origin_ + path_ + path, take_piece);
  } catch (const NoReply& none) {
    throw CommandError("reading from " + origin_ + " failed: " + describe(none));
  }
  expect_200(reply);
}

void ApiReader::send_export(const std::string& body) const {
  HttpReply reply;
  try {
    reply = client().post_json(origin_ + path_ + "/api/public/otel/v1/traces", body);
  } catch (const NoReply& none) {
    throw CommandError("cannot reach " + origin_ + ": " + describe(none));
  }
  expect_200(reply);
}

// The reason, and for this machine what to do.
std::string ApiReader::describe(const NoReply& none) const {
  return none.what() +
         std::string(is_on_this_machine()
                         ? "\nIs the receiver running? Start it with:\n  langfuse-cpp local"
                         : "");
}

void ApiReader::expect_200(const HttpReply& reply) const {
  if (reply.status != 200) {
    throw CommandError(origin_ + " answered " + std::to_string(reply.status) + ": " +
                       excerpt(reply.body));
  }
}

}  // namespace langfuse_cli
