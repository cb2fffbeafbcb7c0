#include "langfuse/sinks/log_line.h"

#include <atomic>

#include "langfuse/tracing/observe.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "model/random_ids.h"
#include "model/span_encoder.h"
#include "pipeline/client.h"
#include "sinks/process_root.h"
#include "tracing/held_traces.h"
#include "tracing/masking.h"
#include "tracing/observation_record.h"
#include "tracing/thread_context.h"
#include "tracing/trace_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// A line this much older than the current observation was not logged in it: logging libraries read
// a coarser clock, but not by more.
constexpr std::int64_t clock_tolerance_ns = 50'000'000;

// All lines of the process, in the order they were submitted: the server keeps milliseconds.
std::atomic<std::uint64_t> line_sequence{0};

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

// Where a line belongs.
struct Place {
  SpanContext parent;
  const PropagatedBlock* propagated = nullptr;  // as long as the thread opens and ends nothing
  bool is_resolved = true;
  bool is_sampled = true;
  bool is_undecided = false;
  bool is_dropped = false;
  bool is_outside = false;  // below the process root
};

Place find_place(Client& client, const LogLine& line, std::int64_t time_unix_nano) noexcept {
  Place place;
  const ContextFrame* const frame = line.is_from_here ? current_frame() : nullptr;
  if (frame != nullptr && frame->context.is_valid()) {
    place.is_resolved = time_unix_nano >= frame->start_unix_nano - clock_tolerance_ns;
    if (place.is_resolved) {
      const BorrowedContext& context = frame->context;
      place.parent = context.span;
      place.propagated = context.propagated;
      place.is_undecided = context.is_undecided;
      place.is_sampled =
          context.is_sampled && (!context.is_remote || client.is_sampled(context.span.trace_id));
      return place;
    }
  }
  if (frame != nullptr && !frame->context.is_valid()) place.propagated = frame->context.propagated;
  place.is_resolved = place.is_resolved && line.is_from_here;
  place.is_outside = true;
  place.is_dropped = client.settings().drop_lines_outside_scopes;
  if (!place.is_dropped) place.parent = process_root(client, time_unix_nano);
  return place;
}

// What is empty is left out.
std::size_t optional_text_bound(const AttributeKey& key, const Text& text) noexcept {
  return text.empty() ? 0 : text_attribute_bound(key, text.size());
}

char* write_optional_text(char* out, const AttributeKey& key, const Text& text) noexcept {
  return text.empty() ? out : write_text_attribute(out, key, text);
}

EncodedSpan encode_line(Client& client, const LogLine& line, const Place& place,
                        std::int64_t time_unix_nano) noexcept {
  const Settings& settings = client.settings();
  const std::size_t max_bytes = settings.value_max_bytes;
  const SeverityText severity = describe(line.severity);
  TraceAttributes trace(client, place.propagated);
  trace.prompt = {};
  const bool has_source = !line.file.empty();
  const MaskedText masked(client, line.message);
  const Text message(masked.view(), max_bytes);
  if (message.is_cut()) client.count_cut(1);
  const Text logger(line.logger, max_bytes);
  const Text file(line.file, max_bytes);
  const Text function(has_source ? line.function : std::string_view(), max_bytes);
  const Text context = Text::literal(place.is_resolved ? "" : "unresolved");
  const bool is_named_here = place.is_outside && trace.trace_name.empty();
  const Text trace_name(is_named_here ? settings.service_name : std::string_view(), max_bytes);
  const bool has_status = severity.level == Level::warning || severity.level == Level::error;
  const Text status_message = has_status ? message : Text();

  SpanFields fields;
  fields.kind = RecordKind::log_line;
  fields.trace_id = place.parent.trace_id;
  fields.span_id = random_span_id();
  fields.parent_span_id = place.parent.span_id;
  fields.name = Text::literal(severity.name);
  fields.start_unix_nano = time_unix_nano;
  fields.end_unix_nano = time_unix_nano;
  fields.is_error = severity.level == Level::error;
  fields.status_message = status_message;

  const std::size_t bound = 2 * constant_room + text_attribute_bound(keys::input, message.size()) +
                            optional_text_bound(keys::status_message, status_message) +
                            optional_text_bound(keys::line_logger, logger) +
                            optional_text_bound(keys::line_file, file) +
                            optional_text_bound(keys::line_function, function) +
                            optional_text_bound(keys::line_context, context) +
                            optional_text_bound(keys::trace_name, trace_name) +
                            (has_source ? scalar_attribute_bound(keys::line_number) : 0) +
                            scalar_attribute_bound(keys::line_thread) +
                            scalar_attribute_bound(keys::line_sequence) + trace.size();

  return encode_span(fields, bound, settings.record_max_bytes, [&](char* out) {
    out = type_attribute(ObservationType::event).write(out);
    out = level_attribute(severity.level).write(out);
    out = write_optional_text(out, keys::status_message, status_message);
    out = write_text_attribute(out, keys::input, message);
    out = write_optional_text(out, keys::line_logger, logger);
    out = write_optional_text(out, keys::line_file, file);
    out = write_optional_text(out, keys::line_function, function);
    out = write_optional_text(out, keys::line_context, context);
    out = write_optional_text(out, keys::trace_name, trace_name);
    if (has_source) out = write_integer_attribute(out, keys::line_number, line.line);
    if (line.thread_id != 0) {
      out = write_unsigned_attribute(out, keys::line_thread, line.thread_id);
    }
    out = write_unsigned_attribute(out, keys::line_sequence,
                                   line_sequence.fetch_add(1, std::memory_order_relaxed) + 1);
    return trace.write(out);
  });
}

}  // namespace
}  // namespace internal

bool submit(const LogLine& line) noexcept {
  using namespace internal;
  if (in_library()) return false;
  Client* const client = Client::current();
  if (client == nullptr) return false;
  const std::int64_t time = line.time_unix_nano != 0 ? line.time_unix_nano : wall_now_ns();
  const Place place = find_place(*client, line, time);
  if (place.is_dropped) {
    client->count_drop(DropReason::outside_scope);
    return false;
  }
  if (!place.is_sampled) {
    client->count_sampled_out();
    return false;
  }
  EncodedSpan encoded = encode_line(*client, line, place, time);
  if (!place.is_undecided) return client->submit(std::move(encoded));
  const bool is_error = line.severity >= Severity::error;
  return HeldTraces::instance().take(*client, {place.parent.trace_id, is_error},
                                     std::move(encoded));
}

void wake() noexcept {
  internal::Client* const client = internal::Client::current();
  if (client != nullptr) client->wake();
}

}  // namespace v0_1
}  // namespace langfuse
