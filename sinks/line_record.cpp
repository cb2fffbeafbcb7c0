#include "sinks/line_record.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/likely.h"
#include "model/random_ids.h"
#include "model/record_attributes.h"
#include "model/span_encoder.h"
#include "model/span_head.h"
#include "pipeline/client.h"
#include "sinks/extra_fields.h"
#include "sinks/line_image.h"
#include "storage/span_record.h"
#include "tracing/trace_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// What its severity makes of a line: the name, type and level of the span, and its status, unless
// that is an error. Aligned so that the table below is indexed by a shift.
class alignas(128) SeverityFields {
 public:
  constexpr SeverityFields(std::string_view name, std::string_view level,
                           bool tells_status) noexcept
      : has_status(tells_status), is_error(level == "ERROR") {
    // opentelemetry/proto/trace/v1/trace.proto
    constexpr int name_field = 5;
    constexpr int status_field = 15;
    add(length_tag(name_field));
    add(static_cast<char>(name.size()));
    add(name);
    add(ConstantAttribute(keys::type, "event").view());
    add(ConstantAttribute(keys::level, level).view());
    if (is_error) return;
    add(length_tag(status_field));
    add('\0');
  }

  constexpr std::string_view name() const noexcept {
    return {bytes_ + 2, static_cast<std::size_t>(bytes_[1])};
  }
  constexpr std::size_t bound() const noexcept { return size_; }
  char* write(char* out) const noexcept {
    std::memcpy(out, bytes_, room);
    return out + size_;
  }

  const bool has_status;  // the message is also the status message
  const bool is_error;

 private:
  static constexpr std::size_t room = 96;

  constexpr void add(char byte) noexcept { bytes_[size_++] = byte; }
  constexpr void add(std::string_view bytes) noexcept {
    for (const char byte : bytes) add(byte);
  }

  char bytes_[room] = {};
  std::size_t size_ = 0;
};

constexpr KnownText input_layouts(keys::input);
constexpr KnownText status_message_layouts(keys::status_message);
constexpr KnownText file_layouts(keys::line_file);
constexpr KnownText function_layouts(keys::line_function);

// In the order of the enumerators.
constexpr SeverityFields severity_fields[] = {
    {"log.trace", "DEBUG", false},  {"log.debug", "DEBUG", false},
    {"log.info", "DEFAULT", false}, {"log.warning", "WARNING", true},
    {"log.error", "ERROR", true},   {"log.critical", "ERROR", true}};

// A number that is no enumerator counts as info.
const SeverityFields& fields_of(Severity severity) noexcept {
  const auto index = static_cast<std::size_t>(severity);
  constexpr auto info = static_cast<std::size_t>(Severity::info);
  return severity_fields[index < std::size(severity_fields) ? index : info];
}

// What every line has, but for the image.
struct LineCore {
  LineIdentity identity;
  std::size_t max_bytes;
  const SeverityFields& severity;
  Text message;
};

// `write_head`: as of `encode_line_record`. `others`: what only this line has.
template <class WriteHead, class... Attributes>
EncodedRecord encode(const LineCore& core, std::size_t head_bound, WriteHead write_head,
                     const Attributes&... others) noexcept {
  const KnownTextAttribute<input_layouts> input(core.message);
  if (!core.severity.has_status) {
    return encode_line_record(head_bound, write_head, core.max_bytes, core.severity, input,
                              others...);
  }
  const KnownTextAttribute<status_message_layouts> status_message(core.message);
  const SpanStatus error(true, core.message);
  return encode_line_record(head_bound, write_head, core.max_bytes, core.severity, input,
                            OptionalAttribute(!core.message.empty(), status_message), others...,
                            OptionalAttribute(core.severity.is_error, error));
}

// Whether a line has nothing else, but for the place in the source.
bool is_plain(const LogLine& line, const LinePlace& place) noexcept {
  return line.field_count == 0 && place.is_resolved && !place.is_outside &&
         place.propagated == nullptr;
}

// The place in the source, measured; without a file there is none. A view of the line.
struct LineSource {
  Text file;
  Text function;
  int line;

  LineSource(const LogLine& of, std::size_t max_bytes) noexcept
      : file(of.file, max_bytes),
        function(of.file.empty() ? std::string_view() : of.function, max_bytes),
        line(of.line) {}

  std::size_t cut() const noexcept { return std::size_t{file.is_cut()} + function.is_cut(); }
};

// What only some lines have, measured. A view of the line and of the settings.
struct LineDetails {
  Text logger;
  LineSource source;
  Text context;
  Text trace_name;
  ExtraFields fields;

  LineDetails(const LogLine& line, const LinePlace& place, const Settings& settings, bool has_image,
              bool has_trace_name) noexcept
      : logger(has_image ? std::string_view() : line.logger, settings.value_max_bytes),
        source(line, settings.value_max_bytes),
        context(Text::well_formed(place.is_resolved ? "" : "unresolved")),
        trace_name(place.is_outside && !has_trace_name ? settings.service_name : std::string_view(),
                   settings.value_max_bytes),
        fields(line, settings.value_max_bytes) {}

  std::size_t cut() const noexcept {
    return std::size_t{logger.is_cut()} + source.cut() + trace_name.is_cut() + fields.cut();
  }
};

[[gnu::noinline]] EncodedRecord encode_detailed(const LineCore& core, Client& client,
                                                const LogLine& line, const LinePlace& place,
                                                LineImage& image) noexcept {
  const LineIdentity& identity = core.identity;
  const bool has_image = image.is_for(identity.number);
  TraceAttributes trace(client, place.propagated);
  trace.prompt = {};
  if (has_image) {
    trace.release = {};
    if (trace.environment.data() == client.environment_attribute().data()) {
      trace.environment = {};
    } else {
      image.leave_out_environment();
    }
  }
  const LineDetails details(line, place, client.settings(), has_image, trace.has_trace_name);
  if (details.cut() > 0) client.counters().cut_texts.add(details.cut());
  const OptionalAttribute<UnsignedAttribute> sequence(!has_image,
                                                      {keys::line_sequence, identity.number});
  const OptionalAttribute<UnsignedAttribute> thread(!has_image && line.thread_id != 0,
                                                    {keys::line_thread, line.thread_id});
  const LineSource& source = details.source;
  const OptionalAttribute<IntegerAttribute> line_number(!source.file.empty(),
                                                        {keys::line_number, source.line});
  const auto write_head = [&](Record& record) noexcept {
    if (has_image) return image.write(record, identity);
    return span_head.write(record, identity.parent.trace_id, identity.span_id,
                           identity.parent.span_id, identity.time_unix_nano,
                           identity.time_unix_nano);
  };
  return encode(core, has_image ? image.size() : span_head.size(), write_head, sequence,
                optional_text(keys::line_logger, details.logger), thread,
                optional_text(keys::line_file, source.file),
                optional_text(keys::line_function, source.function), line_number,
                optional_text(keys::line_context, details.context),
                optional_text(keys::trace_name, details.trace_name), details.fields, trace);
}

}  // namespace

std::string_view severity_word(Severity severity) noexcept {
  return fields_of(severity).name().substr(std::string_view("log.").size());
}

EncodedRecord encode_line(Client& client, const LogLine& line, const LinePlace& place,
                          std::int64_t time_unix_nano, std::uint64_t number) noexcept {
  const Settings& settings = client.settings();
  const LineCore core{{place.parent, random_span_id(), time_unix_nano, number},
                      settings.record_max_bytes,
                      fields_of(line.severity),
                      Text(line.message, settings.value_max_bytes)};
  if (core.message.is_cut()) client.counters().cut_texts.add();
  LineImage image(client, line);
  if (!likely(is_plain(line, place) && image.is_for(number))) {
    return encode_detailed(core, client, line, place, image);
  }
  const auto write_head = [&](Record& record) noexcept {
    return image.write(record, core.identity);
  };
  if (line.file.empty()) return encode(core, image.size(), write_head);
  const LineSource source(line, settings.value_max_bytes);
  if (source.cut() > 0) client.counters().cut_texts.add(source.cut());
  const KnownTextAttribute<function_layouts> function(source.function);
  return encode(core, image.size(), write_head, KnownTextAttribute<file_layouts>(source.file),
                OptionalAttribute(!source.function.empty(), function),
                IntegerAttribute(keys::line_number, source.line));
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
