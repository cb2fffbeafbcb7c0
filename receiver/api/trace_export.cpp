#include "receiver/api/trace_export.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "receiver/api/chrome_export.h"
#include "receiver/http/json_response.h"
#include "receiver/http/query_parameters.h"
#include "receiver/spans/otlp_export.h"

namespace langfuse_receiver {
namespace {

constexpr std::int64_t traces_of_page = 500;
constexpr std::int64_t rows_of_page = 200;
// A line is a request to be: well below the largest body that receivers take.
constexpr std::size_t bytes_of_line = 2U << 20U;

// All observations of the given traces, in pages of rows of one trace.
class Rows {
 public:
  // `trace_id` empty: all traces.
  Rows(Store& store, const std::string& trace_id) : store_(store), is_one_(!trace_id.empty()) {
    if (is_one_) {
      trace_ids_ = {trace_id};
    }
  }

  // Empty at the end.
  std::vector<ObservationRow> next() {
    for (;;) {
      if (!query_.trace_id && !begin_next_trace()) {
        return {};
      }
      std::vector<ObservationRow> rows = store_.find(query_);
      if (rows.empty()) {
        query_.trace_id.reset();
        continue;
      }
      const ObservationRow& last = rows.back();
      query_.after = ObservationCursor{last.start_unix_nano, last.trace_id, last.span_id};
      return rows;
    }
  }

  // Of the trace of the last page, counted from 1.
  std::int64_t trace_count() const { return trace_count_; }

 private:
  bool begin_next_trace() {
    if (at_ == trace_ids_.size() && !is_one_) {
      trace_ids_ = store_.traces_after(&number_, traces_of_page);
      at_ = 0;
    }
    if (at_ == trace_ids_.size()) {
      return false;
    }
    query_.trace_id = trace_ids_[at_++];
    query_.after.reset();
    query_.limit = rows_of_page;
    ++trace_count_;
    return true;
  }

  Store& store_;
  bool is_one_;
  std::int64_t number_ = 0;
  std::vector<std::string> trace_ids_;
  std::size_t at_ = 0;
  std::int64_t trace_count_ = 0;
  ObservationQuery query_;
};

std::size_t size_of(const Json& metadata) {
  std::size_t size = 0;
  for (const auto& [key, value] : metadata.items()) {
    size += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  }
  return size;
}

std::string otlp_lines(const std::vector<ObservationRow>& rows) {
  std::string lines;
  std::vector<ObservationRow> line;
  std::size_t bytes = 0;
  for (const ObservationRow& row : rows) {
    line.push_back(row);
    bytes += row.input.size() + row.output.size() + size_of(row.metadata);
    if (bytes >= bytes_of_line) {
      lines += to_text(otlp_request(line)) + "\n";
      line.clear();
      bytes = 0;
    }
  }
  return line.empty() ? lines : lines + to_text(otlp_request(line)) + "\n";
}

// Perfetto names a process once; repeating the name is allowed.
std::string chrome_piece(const std::vector<ObservationRow>& rows, std::int64_t trace_count,
                         bool is_first) {
  std::string piece = is_first ? "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[" : ",";
  Json name = {{"ph", "M"}, {"name", "process_name"}, {"pid", trace_count}};
  name["args"] = {
      {"name", rows.front().trace_name.empty() ? rows.front().trace_id : rows.front().trace_name}};
  piece += to_text(name);
  for (const Json& event : chrome_events(rows, trace_count)) {
    piece += ",\n" + to_text(event);
  }
  return piece;
}

// The pieces of one answer, one after the other.
class Export {
 public:
  Export(Store& store, const std::string& trace_id, bool is_chrome)
      : rows_(store, trace_id), is_chrome_(is_chrome) {}

  std::optional<std::string> next_piece() {
    if (is_over_) {
      return std::nullopt;
    }
    try {
      const std::vector<ObservationRow> rows = rows_.next();
      if (!rows.empty()) {
        std::string piece =
            is_chrome_ ? chrome_piece(rows, rows_.trace_count(), is_first_) : otlp_lines(rows);
        is_first_ = false;
        return piece;
      }
      is_over_ = true;
      if (!is_chrome_) {
        return std::nullopt;
      }
      return is_first_ ? "{\"traceEvents\":[]}\n" : "]}\n";
    } catch (const StoreError& error) {
      is_over_ = true;
      return to_text({{"error", error.what()}}) + "\n";
    }
  }

 private:
  Rows rows_;
  bool is_chrome_;
  bool is_first_ = true;
  bool is_over_ = false;
};

HttpResponse bad_request(const std::string& text) {
  return json_response(400, {{"message", text}});
}

}  // namespace

HttpResponse export_traces(const HttpRequest& request, Store& store) {
  const std::string trace = parameter(request, "trace").value_or("");
  const std::string format = parameter(request, "format").value_or("");
  if (trace.empty()) {
    return bad_request("trace: expected the id of a trace, or all");
  }
  if (format != "otlp" && format != "chrome") {
    return bad_request("format: expected otlp or chrome, got \"" + format + "\"");
  }
  if (trace != "all" && !store.trace(trace)) {
    return json_response(404, {{"message", "trace " + trace + " not found"}});
  }
  const bool is_chrome = format == "chrome";
  const auto all = std::make_shared<Export>(store, trace == "all" ? "" : trace, is_chrome);
  HttpResponse response;
  response.content_type = is_chrome ? "application/json" : "application/x-ndjson";
  response.headers.emplace_back(
      "Content-Disposition",
      std::string("attachment; filename=\"traces.") + (is_chrome ? "json\"" : "jsonl\""));
  response.next_piece = [all] { return all->next_piece(); };
  return response;
}

}  // namespace langfuse_receiver
