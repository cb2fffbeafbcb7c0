#include "receiver/store/store_rows.h"

#include "receiver/base/text.h"

namespace langfuse_receiver {
namespace {

// Writes values into a statement, or reads them from one, from left to right.
class Binder {
 public:
  explicit Binder(SQLite::Statement& statement) : statement_(statement) {}
  void text(const std::string& value) { statement_.bindNoCopy(++at_, value); }
  // Most lists and objects are empty: those need no writing.
  void json(const Json& value) {
    if (value.empty() && value.is_structured()) {
      statement_.bindNoCopy(++at_, value.is_array() ? "[]" : "{}");
    } else {
      statement_.bind(++at_, to_text(value));
    }
  }
  void integer(std::int64_t value) { statement_.bind(++at_, value); }
  void real(double value) { statement_.bind(++at_, value); }
  void maybe(const std::optional<std::int64_t>& value) {
    value ? statement_.bind(++at_, *value) : statement_.bind(++at_);
  }

 private:
  SQLite::Statement& statement_;
  int at_ = 0;
};

class ColumnReader {
 public:
  explicit ColumnReader(SQLite::Statement& statement, int first_column = 0)
      : statement_(statement), at_(first_column) {}
  std::string text() { return statement_.getColumn(at_++).getString(); }
  Json json() { return parse_json(text()).value_or(Json{}); }
  std::int64_t integer() { return statement_.getColumn(at_++).getInt64(); }
  double real() { return statement_.getColumn(at_++).getDouble(); }
  std::optional<std::int64_t> maybe() {
    const SQLite::Column column = statement_.getColumn(at_++);
    return column.isNull() ? std::nullopt : std::optional<std::int64_t>(column.getInt64());
  }

 private:
  SQLite::Statement& statement_;
  int at_;
};

// What all spans of a process say: it would fill the text index with the same words, and is kept
// apart from the rest of the metadata. Other names that begin with "scope." are the sender's own.
bool is_origin(const std::string& key) {
  return starts_with(key, "resourceAttributes.") || key == "scope.name" || key == "scope.version" ||
         starts_with(key, "scope.attributes.");
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
  Binder bind(statement);
  bind.integer(id);
  bind.integer(trace_number);
  bind.text(row.trace_id);
  bind.text(row.span_id);
  bind.integer(row.start_unix_nano / 1'000'000);
  bind.integer(row.start_unix_nano);
  bind.integer(row.end_unix_nano);
  bind.maybe(row.completion_start_unix_nano);
  for (const std::string* text : {&row.parent_span_id, &row.name, &row.type, &row.level,
                                  &row.status_message, &row.environment, &row.version, &row.release,
                                  &row.trace_name, &row.user_id, &row.session_id}) {
    bind.text(*text);
  }
  bind.json(row.tags);
  bind.integer(row.is_public ? 1 : 0);
  bind.integer(row.is_app_root ? 1 : 0);
  bind.json(row.warnings);
  bind.text(row.model);
  for (const Json* json : {&row.model_parameters, &row.provided_usage_details, &row.usage_details,
                           &row.provided_cost_details, &row.cost_details}) {
    bind.json(*json);
  }
  bind.integer(total_tokens(row));
  bind.real(total_cost(row));
  bind.text(row.prompt_name);
  bind.maybe(row.prompt_version);
  for (const std::string* text :
       {&row.service_name, &row.service_version, &row.scope_name, &row.scope_version,
        &row.telemetry_sdk_language, &row.telemetry_sdk_name, &row.telemetry_sdk_version,
        &row.ingestion_api_key, &row.ingestion_sdk_name, &row.ingestion_sdk_version}) {
    bind.text(*text);
  }
  bind.integer(row.created_unix_nano);
  bind.integer(row.updated_unix_nano);
  Json origin_metadata = Json::object();
  Json own_metadata = Json::object();
  for (const auto& [key, value] : row.metadata.items()) {
    (is_origin(key) ? origin_metadata : own_metadata)[key] = value;
  }
  bind.json(origin_metadata);
  bind.json(own_metadata);
  bind.text(row.input);
  bind.text(row.output);
}

ObservationRow read_observation(SQLite::Statement& statement) {
  ColumnReader read(statement);
  ObservationRow row;
  row.trace_id = read.text();
  row.span_id = read.text();
  read.integer();  // start_ms
  row.start_unix_nano = read.integer();
  row.end_unix_nano = read.integer();
  row.completion_start_unix_nano = read.maybe();
  for (std::string* text : {&row.parent_span_id, &row.name, &row.type, &row.level,
                            &row.status_message, &row.environment, &row.version, &row.release,
                            &row.trace_name, &row.user_id, &row.session_id}) {
    *text = read.text();
  }
  row.tags = read.json();
  row.is_public = read.integer() != 0;
  row.is_app_root = read.integer() != 0;
  row.warnings = read.json();
  row.model = read.text();
  for (Json* json : {&row.model_parameters, &row.provided_usage_details, &row.usage_details,
                     &row.provided_cost_details, &row.cost_details}) {
    *json = read.json();
  }
  read.integer();  // total_tokens
  read.real();     // total_cost
  row.prompt_name = read.text();
  row.prompt_version = read.maybe();
  for (std::string* text :
       {&row.service_name, &row.service_version, &row.scope_name, &row.scope_version,
        &row.telemetry_sdk_language, &row.telemetry_sdk_name, &row.telemetry_sdk_version,
        &row.ingestion_api_key, &row.ingestion_sdk_name, &row.ingestion_sdk_version}) {
    *text = read.text();
  }
  row.created_unix_nano = read.integer();
  row.updated_unix_nano = read.integer();
  row.metadata = read.json();
  row.metadata.update(read.json());
  row.input = read.text();
  row.output = read.text();
  return row;
}

ScoreRow read_score(SQLite::Statement& statement) {
  ColumnReader read(statement);
  ScoreRow row;
  for (std::string* text : {&row.id, &row.trace_id, &row.observation_id, &row.session_id,
                            &row.dataset_run_id, &row.name, &row.data_type}) {
    *text = read.text();
  }
  row.value = read.real();
  row.string_value = read.text();
  row.comment = read.text();
  row.metadata = read.json();
  for (std::string* text : {&row.config_id, &row.source, &row.environment}) {
    *text = read.text();
  }
  row.timestamp_unix_nano = read.integer();
  for (std::string* text :
       {&row.ingestion_api_key, &row.ingestion_sdk_name, &row.ingestion_sdk_version}) {
    *text = read.text();
  }
  row.created_unix_nano = read.integer();
  row.updated_unix_nano = read.integer();
  return row;
}

void bind_row(SQLite::Statement& statement, const ScoreRow& row) {
  Binder bind(statement);
  for (const std::string* text : {&row.id, &row.trace_id, &row.observation_id, &row.session_id,
                                  &row.dataset_run_id, &row.name, &row.data_type}) {
    bind.text(*text);
  }
  bind.real(row.value);
  bind.text(row.string_value);
  bind.text(row.comment);
  bind.json(row.metadata);
  for (const std::string* text : {&row.config_id, &row.source, &row.environment}) {
    bind.text(*text);
  }
  bind.integer(row.timestamp_unix_nano);
  for (const std::string* text :
       {&row.ingestion_api_key, &row.ingestion_sdk_name, &row.ingestion_sdk_version}) {
    bind.text(*text);
  }
  bind.integer(row.created_unix_nano);
  bind.integer(row.updated_unix_nano);
}

void bind_aggregate(SQLite::Statement& statement, const TraceAggregate& aggregate) {
  Binder bind(statement);
  for (const DatedText* dated :
       {&aggregate.trace_name, &aggregate.root_name, &aggregate.user_id, &aggregate.session_id,
        &aggregate.version, &aggregate.release, &aggregate.environment, &aggregate.tags}) {
    bind.text(dated->text);
    bind.integer(dated->at_unix_nano);
  }
  for (const std::int64_t number :
       {aggregate.start_unix_nano, aggregate.end_unix_nano, aggregate.observations,
        aggregate.events, aggregate.errors, aggregate.warnings, aggregate.lint, aggregate.tokens}) {
    bind.integer(number);
  }
  bind.real(aggregate.cost);
  bind.integer(aggregate.has_root ? 1 : 0);
  bind.json(aggregate.types);
  bind.json(aggregate.levels);
}

TraceAggregate read_aggregate(SQLite::Statement& statement, int first_column) {
  ColumnReader read(statement, first_column);
  TraceAggregate aggregate;
  for (DatedText* dated :
       {&aggregate.trace_name, &aggregate.root_name, &aggregate.user_id, &aggregate.session_id,
        &aggregate.version, &aggregate.release, &aggregate.environment, &aggregate.tags}) {
    dated->text = read.text();
    dated->at_unix_nano = read.integer();
  }
  for (std::int64_t* number : {&aggregate.start_unix_nano, &aggregate.end_unix_nano,
                               &aggregate.observations, &aggregate.events, &aggregate.errors,
                               &aggregate.warnings, &aggregate.lint, &aggregate.tokens}) {
    *number = read.integer();
  }
  aggregate.cost = read.real();
  aggregate.has_root = read.integer() != 0;
  aggregate.types = read.json();
  aggregate.levels = read.json();
  return aggregate;
}

TraceSummary read_summary(SQLite::Statement& statement) {
  ColumnReader read(statement);
  TraceSummary trace;
  trace.trace_id = read.text();
  trace.name = read.text();
  trace.root_name = read.text();
  if (trace.name.empty()) {
    trace.name = trace.root_name;
  }
  for (std::string* text : {&trace.user_id, &trace.session_id, &trace.version, &trace.release,
                            &trace.environment, &trace.tags}) {
    *text = read.text();
  }
  trace.start_unix_nano = read.integer();
  trace.end_unix_nano = read.integer();
  for (std::int64_t* count : {&trace.observations, &trace.events, &trace.errors, &trace.warnings,
                              &trace.lint, &trace.tokens}) {
    *count = read.integer();
  }
  trace.cost = read.real();
  trace.scores = read.integer();
  trace.has_root = read.integer() != 0;
  return trace;
}

TreeRow read_tree_row(SQLite::Statement& statement) {
  ColumnReader read(statement);
  TreeRow row;
  for (std::string* text : {&row.span_id, &row.parent_span_id, &row.name, &row.type, &row.level}) {
    *text = read.text();
  }
  row.start_unix_nano = read.integer();
  row.end_unix_nano = read.integer();
  row.completion_start_unix_nano = read.maybe();
  row.model = read.text();
  const bool has_usage = read.integer() != 0;
  const std::int64_t tokens = read.integer();
  const bool has_cost = read.integer() != 0;
  const double cost = read.real();
  row.tokens = has_usage ? std::optional<std::int64_t>(tokens) : std::nullopt;
  row.cost = has_cost ? std::optional<double>(cost) : std::nullopt;
  row.status_message = read.text();
  row.lint = read.integer();
  row.message = read.text();
  return row;
}

SessionSummary read_session(SQLite::Statement& statement) {
  ColumnReader read(statement);
  SessionSummary session;
  session.session_id = read.text();
  for (std::int64_t* number :
       {&session.traces, &session.observations, &session.errors, &session.tokens}) {
    *number = read.integer();
  }
  session.cost = read.real();
  session.users = read.json();
  session.start_unix_nano = read.integer();
  session.end_unix_nano = read.integer();
  return session;
}

}  // namespace langfuse_receiver
