#include "receiver/store/store_columns.h"

#include "receiver/base/text.h"

namespace langfuse_receiver {
namespace {

// Writes values into a statement, from left to right.
class Writer {
 public:
  explicit Writer(SQLite::Statement& statement) : statement_(statement) {}
  void column(const std::string& value) { statement_.bindNoCopy(++at_, value); }
  // Most lists and objects are empty: those need no writing.
  void column(const Json& value) {
    if (value.empty() && value.is_structured()) {
      statement_.bindNoCopy(++at_, value.is_array() ? "[]" : "{}");
    } else {
      statement_.bind(++at_, to_text(value));
    }
  }
  void column(std::int64_t value) { statement_.bind(++at_, value); }
  void column(double value) { statement_.bind(++at_, value); }
  void column(bool value) { statement_.bind(++at_, value ? 1 : 0); }
  void column(const std::optional<std::int64_t>& value) {
    value ? statement_.bind(++at_, *value) : statement_.bind(++at_);
  }
  template <class... Values>
  void columns(const Values&... values) {
    (column(values), ...);
  }
  // A column that follows from the others: written only.
  template <class Value>
  void derived(Value value) {
    column(value());
  }

 private:
  SQLite::Statement& statement_;
  int at_ = 0;
};

// Reads them back.
class Reader {
 public:
  explicit Reader(SQLite::Statement& statement, int first_column = 0)
      : statement_(statement), at_(first_column) {}
  std::string text() { return next().getString(); }
  Json json() { return parse_json(text()).value_or(Json{}); }
  std::int64_t integer() { return next().getInt64(); }
  double real() { return next().getDouble(); }
  void column(std::string& value) { value = text(); }
  void column(Json& value) { value = json(); }
  void column(std::int64_t& value) { value = integer(); }
  void column(double& value) { value = real(); }
  void column(bool& value) { value = integer() != 0; }
  void column(std::optional<std::int64_t>& value) {
    const SQLite::Column column = next();
    value = column.isNull() ? std::nullopt : std::optional<std::int64_t>(column.getInt64());
  }
  template <class... Values>
  void columns(Values&... values) {
    (column(values), ...);
  }
  template <class Value>
  void derived(Value) {
    ++at_;
  }

 private:
  SQLite::Column next() { return statement_.getColumn(at_++); }

  SQLite::Statement& statement_;
  int at_;
};

// What all spans of a process say: it would fill the text index with the same words, and is kept
// apart from the rest of the metadata. Other names that begin with "scope." are the sender's own.
bool is_origin(const std::string& key) {
  return starts_with(key, "resourceAttributes.") || key == "scope.name" || key == "scope.version" ||
         starts_with(key, "scope.attributes.");
}

// The columns of each table in the order of its list in the header, for a `Writer` and a constant
// row, or a `Reader` and a row to fill.
template <class Access, class Row>
void received_columns(Access& access, Row& row) {
  access.columns(row.ingestion_api_key, row.ingestion_sdk_name, row.ingestion_sdk_version,
                 row.created_unix_nano, row.updated_unix_nano);
}

// All but metadata, input and output.
template <class Access, class Row>
void plain_columns(Access& access, Row& row) {
  access.columns(row.trace_id, row.span_id);
  access.derived([&row] { return row.start_unix_nano / 1'000'000; });  // start_ms
  access.columns(row.start_unix_nano, row.end_unix_nano, row.completion_start_unix_nano,
                 row.parent_span_id, row.name, row.type, row.level, row.status_message,
                 row.environment, row.version, row.release, row.trace_name, row.user_id,
                 row.session_id, row.tags, row.is_public, row.is_app_root, row.warnings, row.model,
                 row.model_parameters, row.provided_usage_details, row.usage_details,
                 row.provided_cost_details, row.cost_details);
  access.derived([&row] { return total_tokens(row); });
  access.derived([&row] { return total_cost(row); });
  access.columns(row.prompt_name, row.prompt_version, row.service_name, row.service_version,
                 row.scope_name, row.scope_version, row.telemetry_sdk_language,
                 row.telemetry_sdk_name, row.telemetry_sdk_version);
  received_columns(access, row);
}

template <class Access, class Row>
void all_score_columns(Access& access, Row& row) {
  access.columns(row.id, row.trace_id, row.observation_id, row.session_id, row.dataset_run_id,
                 row.name, row.data_type, row.value, row.string_value, row.comment, row.metadata,
                 row.config_id, row.source, row.environment, row.timestamp_unix_nano);
  received_columns(access, row);
}

template <class Access, class Aggregate>
void all_aggregate_columns(Access& access, Aggregate& trace) {
  for (auto* dated : {&trace.trace_name, &trace.root_name, &trace.user_id, &trace.session_id,
                      &trace.version, &trace.release, &trace.environment, &trace.tags}) {
    access.columns(dated->text, dated->at_unix_nano);
  }
  access.columns(trace.start_unix_nano, trace.end_unix_nano, trace.observations, trace.events,
                 trace.errors, trace.warnings, trace.lint, trace.tokens, trace.cost, trace.has_root,
                 trace.types, trace.levels);
}

}  // namespace

std::string placeholders(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) {
    text += (i == 1 ? "?" : ", ?") + std::to_string(i);
  }
  return text;
}

void bind_row(SQLite::Statement& statement, std::int64_t id, std::int64_t trace_number,
              const ObservationRow& row) {
  Writer write(statement);
  write.columns(id, trace_number);
  plain_columns(write, row);
  Json origin_metadata = Json::object();
  Json own_metadata = Json::object();
  for (const auto& [key, value] : row.metadata.items()) {
    (is_origin(key) ? origin_metadata : own_metadata)[key] = value;
  }
  write.columns(origin_metadata, own_metadata, row.input, row.output);
}

ObservationRow read_observation(SQLite::Statement& statement) {
  Reader read(statement);
  ObservationRow row;
  plain_columns(read, row);
  row.metadata = read.json();
  row.metadata.update(read.json());
  read.columns(row.input, row.output);
  return row;
}

void bind_row(SQLite::Statement& statement, const ScoreRow& row) {
  Writer write(statement);
  all_score_columns(write, row);
}

ScoreRow read_score(SQLite::Statement& statement) {
  Reader read(statement);
  ScoreRow row;
  all_score_columns(read, row);
  return row;
}

void bind_aggregate(SQLite::Statement& statement, const TraceAggregate& aggregate) {
  Writer write(statement);
  all_aggregate_columns(write, aggregate);
}

TraceAggregate read_aggregate(SQLite::Statement& statement, int first_column) {
  Reader read(statement, first_column);
  TraceAggregate aggregate;
  all_aggregate_columns(read, aggregate);
  return aggregate;
}

TraceSummary read_summary(SQLite::Statement& statement) {
  Reader read(statement);
  TraceSummary trace;
  read.columns(trace.trace_id, trace.name, trace.root_name, trace.user_id, trace.session_id,
               trace.version, trace.release, trace.environment, trace.tags, trace.start_unix_nano,
               trace.end_unix_nano, trace.observations, trace.events, trace.errors, trace.warnings,
               trace.lint, trace.tokens, trace.cost, trace.scores, trace.has_root);
  if (trace.name.empty()) {
    trace.name = trace.root_name;
  }
  return trace;
}

TreeRow read_tree_row(SQLite::Statement& statement) {
  Reader read(statement);
  TreeRow row;
  bool has_usage = false;
  bool has_cost = false;
  std::int64_t tokens = 0;
  double cost = 0;
  read.columns(row.span_id, row.parent_span_id, row.name, row.type, row.level, row.start_unix_nano,
               row.end_unix_nano, row.completion_start_unix_nano, row.model, has_usage, tokens,
               has_cost, cost, row.status_message, row.lint, row.message);
  row.tokens = has_usage ? std::optional<std::int64_t>(tokens) : std::nullopt;
  row.cost = has_cost ? std::optional<double>(cost) : std::nullopt;
  return row;
}

SessionSummary read_session(SQLite::Statement& statement) {
  Reader read(statement);
  SessionSummary session;
  read.columns(session.session_id, session.traces, session.observations, session.errors,
               session.tokens, session.cost, session.users, session.start_unix_nano,
               session.end_unix_nano);
  return session;
}

}  // namespace langfuse_receiver
