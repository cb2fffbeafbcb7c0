#include "exporter/server_reply.h"

#include <nlohmann/json.hpp>

#include "model/readable_json.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using Json = nlohmann::json;

// Null where `json` is no object or has no such member.
const Json& member(const Json& json, const char* name) {
  static const Json* const none = new Json();
  const auto found = json.find(name);
  return found == json.end() ? *none : *found;
}

std::string text_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

// What a validator found is in `error`, and `message` says no more than that there was something.
std::string words_of(const Json& event) {
  std::string words = text_of(member(event, "message"));
  const std::string error = text_of(member(event, "error"));
  if (!words.empty() && !error.empty()) words += ": ";
  return words + error;
}

void read_list(const Json& list, EventReplies& replies) {
  if (!list.is_array()) return;
  for (const Json& event : list) {
    const Json& id = member(event, "id");
    const Json& status = member(event, "status");
    if (!id.is_string() || !status.is_number_integer()) continue;
    replies[id.get<std::string>()] = {status.get<int>(), words_of(event)};
  }
}

Json parsed(std::string_view text) {
  return Json::parse(readable_json(text), nullptr, /*allow_exceptions=*/false);
}

}  // namespace

EventReplies read_event_replies(std::string_view body) {
  const Json answer = parsed(body);
  EventReplies replies;
  read_list(member(answer, "successes"), replies);
  read_list(member(answer, "errors"), replies);
  return replies;
}

bool is_langfuse(const HttpReply& health) {
  return health.status == 200 && member(parsed(health.body), "version").is_string();
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
