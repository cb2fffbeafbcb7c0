#include "receiver/api/chrome_export.h"

#include <string>
#include <utility>

namespace langfuse_receiver {
namespace {

// All events have one category: Chrome pairs by category and id.
Json event(const char* phase, const ObservationRow& row, const std::string& id,
           std::int64_t unix_nano, std::int64_t process) {
  return {{"ph", phase},
          {"cat", "langfuse"},
          {"name", row.name},
          {"pid", process},
          {"tid", process},
          {"id2", {{"local", "0x" + id}}},
          {"ts", static_cast<double>(unix_nano) / 1000.0}};
}

Json arguments_of(const ObservationRow& row) {
  Json arguments = {{"type", row.type}, {"level", row.level}};
  for (const auto& [name, text] : {std::pair<const char*, const std::string*>{"input", &row.input},
                                   {"output", &row.output},
                                   {"model", &row.model},
                                   {"statusMessage", &row.status_message}}) {
    if (!text->empty()) {
      arguments[name] = *text;
    }
  }
  if (!row.usage_details.empty()) {
    arguments["usage"] = row.usage_details;
  }
  return arguments;
}

}  // namespace

std::vector<Json> chrome_events(const std::vector<ObservationRow>& rows, std::int64_t process) {
  std::vector<Json> events;
  for (const ObservationRow& row : rows) {
    const bool is_line = row.type == "EVENT" && !row.parent_span_id.empty();
    Json begin = event(is_line ? "n" : "b", row, is_line ? row.parent_span_id : row.span_id,
                       row.start_unix_nano, process);
    begin["args"] = arguments_of(row);
    events.push_back(std::move(begin));
    if (!is_line) {
      events.push_back(event("e", row, row.span_id, row.end_unix_nano, process));
    }
  }
  return events;
}

}  // namespace langfuse_receiver
