#include "exporter/reply_body.h"

#include <utility>

#include "exporter/json_walk.h"
#include "model/lower_case.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Gathers what is said of each event, in `/successes/0/…` and `/errors/0/…`.
class Events {
 public:
  void take(const JsonScalar& scalar) {
    const std::size_t list_end = scalar.path.find('/', 1);
    if (list_end == std::string_view::npos) return;
    const std::string_view list = scalar.path.substr(0, list_end);
    if (list != "/successes" && list != "/errors") return;
    const std::size_t element_end = scalar.path.find('/', list_end + 1);
    if (element_end == std::string_view::npos) return;
    const std::string_view element = scalar.path.substr(0, element_end);
    if (element != element_) {
      finish_element();
      element_ = element;
    }
    take_member(scalar.path.substr(element_end), scalar);
  }

  EventReplies finish() {
    finish_element();
    return std::move(replies_);
  }

 private:
  void take_member(std::string_view name, const JsonScalar& scalar) {
    const bool is_text = scalar.kind == JsonScalar::Kind::text;
    if (name == "/id" && is_text) {
      id_ = scalar.text;
      has_id_ = true;
    } else if (name == "/status" && scalar.kind == JsonScalar::Kind::integer) {
      status_ = static_cast<int>(scalar.integer);
      has_status_ = true;
    } else if (name == "/message" && is_text) {
      message_ = scalar.text;
    } else if (name == "/error" && is_text) {
      error_ = scalar.text;
    }
  }

  void finish_element() {
    if (has_id_ && has_status_) {
      // What a validator found is in `error`, and `message` says no more than that there was
      // something.
      if (!message_.empty() && !error_.empty()) message_ += ": ";
      replies_[id_] = {status_, message_ + error_};
    }
    has_id_ = false;
    has_status_ = false;
    message_.clear();
    error_.clear();
  }

  EventReplies replies_;
  std::string element_;  // the path of the one that is being read
  std::string id_;
  std::string message_;
  std::string error_;
  int status_ = 0;
  bool has_id_ = false;
  bool has_status_ = false;
};

}  // namespace

EventReplies read_event_replies(std::string_view body) {
  Events events;
  const bool is_whole =
      walk_json(body, [&events](const JsonScalar& scalar) { events.take(scalar); });
  return is_whole ? events.finish() : EventReplies();
}

bool is_protobuf(const HttpReply& reply) noexcept {
  constexpr std::string_view wanted = "protobuf";
  const std::string_view type =
      std::string_view(reply.content_type).substr(0, reply.content_type.find(';'));
  return find_in_either_case(type, wanted) < type.size();
}

bool is_langfuse(const HttpReply& health) {
  if (health.status != 200) return false;
  bool names_version = false;
  const bool is_whole = walk_json(health.body, [&names_version](const JsonScalar& scalar) {
    if (scalar.path == "/version") names_version = scalar.kind == JsonScalar::Kind::text;
  });
  return is_whole && names_version;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
