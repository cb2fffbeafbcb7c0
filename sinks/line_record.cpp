#include "sinks/line_record.h"

#include <cstddef>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/random_ids.h"
#include "pipeline/client.h"
#include "sinks/extra_fields.h"
#include "storage/span_record.h"
#include "tracing/observation_record.h"
#include "tracing/trace_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

struct SeverityText {
  std::string_view name;
  Level level;
};

SeverityText describe(Severity severity) noexcept {
  switch (severity) {
    case Severity::trace:
      return {"log.trace", Level::debug};
    case Severity::debug:
      return {"log.debug", Level::debug};
    case Severity::info:
      return {"log.info", Level::info};
    case Severity::warning:
      return {"log.warning", Level::warning};
    case Severity::error:
      return {"log.error", Level::error};
    case Severity::critical:
      return {"log.critical", Level::error};
  }
  return {"log.info", Level::info};  // a number that is no enumerator
}

// Everything of a line that is text, measured. A view of the line and of the settings.
struct LineTexts {
  Text message;
  Text logger;
  Text file;
  Text function;
  Text context;
  Text trace_name;
  ExtraFields fields;

  LineTexts(const LogLine& line, const LinePlace& place, const Settings& settings,
            const TraceAttributes& trace) noexcept
      : message(line.message, settings.value_max_bytes),
        logger(line.logger, settings.value_max_bytes),
        file(line.file, settings.value_max_bytes),
        function(line.file.empty() ? std::string_view() : line.function, settings.value_max_bytes),
        context(Text::literal(place.is_resolved ? "" : "unresolved")),
        trace_name(place.is_outside && trace.trace_name.empty() ? settings.service_name
                                                                : std::string_view(),
                   settings.value_max_bytes),
        fields(line, settings.value_max_bytes) {}

  std::size_t cut() const noexcept {
    return std::size_t{message.is_cut()} + logger.is_cut() + file.is_cut() + function.is_cut() +
           trace_name.is_cut() + fields.cut();
  }
};

}  // namespace

std::string_view severity_word(Severity severity) noexcept {
  return describe(severity).name.substr(std::string_view("log.").size());
}

EncodedRecord encode_line(Client& client, const LogLine& line, const LinePlace& place,
                          std::int64_t time_unix_nano, std::uint64_t number) noexcept {
  const SeverityText severity = describe(line.severity);
  TraceAttributes trace(client, place.propagated);
  trace.prompt = {};
  const LineTexts texts(line, place, client.settings(), trace);
  if (texts.cut() > 0) client.counters().cut_texts.add(texts.cut());
  const bool has_status = severity.level == Level::warning || severity.level == Level::error;
  const bool has_source = !line.file.empty();

  SpanFields fields;
  fields.kind = RecordKind::log_line;
  fields.trace_id = place.parent.trace_id;
  fields.span_id = random_span_id();
  fields.parent_span_id = place.parent.span_id;
  fields.name = Text::literal(severity.name);
  fields.start_unix_nano = time_unix_nano;
  fields.end_unix_nano = time_unix_nano;
  fields.is_error = severity.level == Level::error;
  fields.status_message = has_status ? texts.message : Text();

  const OptionalAttribute<IntegerAttribute> line_number(has_source, {keys::line_number, line.line});
  const OptionalAttribute<UnsignedAttribute> thread(line.thread_id != 0,
                                                    {keys::line_thread, line.thread_id});
  return encode_span(
      fields, client.settings().record_max_bytes, type_attribute(ObservationType::event),
      level_attribute(severity.level), optional_text(keys::status_message, fields.status_message),
      TextAttribute(keys::input, texts.message), optional_text(keys::line_logger, texts.logger),
      optional_text(keys::line_file, texts.file),
      optional_text(keys::line_function, texts.function),
      optional_text(keys::line_context, texts.context),
      optional_text(keys::trace_name, texts.trace_name), line_number, thread,
      UnsignedAttribute(keys::line_sequence, number), texts.fields, trace);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
