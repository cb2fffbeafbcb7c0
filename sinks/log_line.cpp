#include "langfuse/sinks/log_line.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <new>
#include <string>
#include <vector>

#include "langfuse/tracing/observe.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "model/random_ids.h"
#include "model/span_encoder.h"
#include "pipeline/client.h"
#include "sinks/extra_fields.h"
#include "sinks/line_limits.h"
#include "sinks/process_root.h"
#include "tracing/context/context_history.h"
#include "tracing/context/thread_context.h"
#include "tracing/held_traces.h"
#include "tracing/masking.h"
#include "tracing/observation_lines.h"
#include "tracing/observation_record.h"
#include "tracing/sampling.h"
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
  std::string_view word() const noexcept { return name.substr(std::string_view("log.").size()); }
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
  // Borrowed: of the current frame, as long as the thread opens and ends nothing, or of `past`.
  const PropagatedBlock* propagated = nullptr;
  Context past;  // of a line that another thread logged
  bool is_resolved = true;
  SamplingDecision sampling;
  bool is_dropped = false;
  bool is_outside = false;  // below the process root
};

void put_inside(Place& place, Client& client, const BorrowedContext& context) noexcept {
  place.parent = context.span;
  place.propagated = context.propagated;
  place.sampling = sampling_below(client, context);
}

void put_outside(Place& place, Client& client, const LogLine& line,
                 std::int64_t time_unix_nano) noexcept {
  place.is_outside = true;
  place.is_dropped = line.drop_outside_scopes || client.settings().drop_lines_outside_scopes;
  if (!place.is_dropped) place.parent = process_root(client, time_unix_nano);
}

// Which context a line belongs to; invalid: to none. Says in `place` whether that is known.
BorrowedContext find_context(Place& place, const Client& client, const LogLine& line,
                             std::int64_t time_unix_nano) noexcept {
  if (!line.is_from_here) {
    place.is_resolved = line.has_exact_time && line.thread_id != 0 &&
                        find_past_context(client, line.thread_id, time_unix_nano, place.past);
    return place.is_resolved ? BorrowedContext(place.past) : BorrowedContext();
  }
  const ContextFrame* const frame = current_frame();
  if (frame == nullptr) return {};
  // Below scopes that only add to its context; what another thread opened may be of any age.
  const ContextFrame* const opened = frame->life != nullptr ? frame : current_observation_frame();
  place.is_resolved =
      opened == nullptr || time_unix_nano >= opened->start_unix_nano - clock_tolerance_ns;
  return place.is_resolved ? frame->context : BorrowedContext();
}

void find_place(Place& place, Client& client, const LogLine& line,
                std::int64_t time_unix_nano) noexcept {
  const BorrowedContext context = find_context(place, client, line, time_unix_nano);
  if (context.is_valid()) {
    put_inside(place, client, context);
  } else {
    place.propagated = context.propagated;
    put_outside(place, client, line, time_unix_nano);
  }
}

// What is empty is left out.
std::size_t optional_text_bound(const AttributeKey& key, const Text& text) noexcept {
  return text.empty() ? 0 : text_attribute_bound(key, text.size());
}

char* write_optional_text(char* out, const AttributeKey& key, const Text& text) noexcept {
  return text.empty() ? out : write_text_attribute(out, key, text);
}

EncodedRecord encode_line(Client& client, const LogLine& line, const Place& place,
                          std::int64_t time_unix_nano, std::uint64_t number) noexcept {
  const Settings& settings = client.settings();
  const std::size_t max_bytes = settings.value_max_bytes;
  const SeverityText severity = describe(line.severity);
  TraceAttributes trace(client, place.propagated);
  trace.prompt = {};
  const bool has_source = !line.file.empty();
  const Text message(line.message, max_bytes);
  const Text logger(line.logger, max_bytes);
  const Text file(line.file, max_bytes);
  const Text function(has_source ? line.function : std::string_view(), max_bytes);
  const Text context = Text::literal(place.is_resolved ? "" : "unresolved");
  const bool is_named_here = place.is_outside && trace.trace_name.empty();
  const Text trace_name(is_named_here ? settings.service_name : std::string_view(), max_bytes);
  const ExtraFields fields_beside(line, max_bytes);
  const std::size_t cut = std::size_t{message.is_cut()} + logger.is_cut() + file.is_cut() +
                          function.is_cut() + trace_name.is_cut() + fields_beside.cut();
  if (cut > 0) client.count_cut(cut);
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

  const std::size_t bound =
      2 * constant_room + text_attribute_bound(keys::input, message.size()) +
      optional_text_bound(keys::status_message, status_message) +
      optional_text_bound(keys::line_logger, logger) + optional_text_bound(keys::line_file, file) +
      optional_text_bound(keys::line_function, function) +
      optional_text_bound(keys::line_context, context) +
      optional_text_bound(keys::trace_name, trace_name) +
      (has_source ? scalar_attribute_bound(keys::line_number) : 0) +
      scalar_attribute_bound(keys::line_thread) + scalar_attribute_bound(keys::line_sequence) +
      fields_beside.bound() + trace.size();

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
    out = write_unsigned_attribute(out, keys::line_sequence, number);
    return trace.write(fields_beside.write(out));
  });
}

// Says once what many lines cost. `number`: of the line among all of the process.
void watch_rate(std::uint64_t number) noexcept {
  constexpr std::uint64_t lines = 1024;
  static std::atomic<std::int64_t> last_ns{0};
  static std::atomic<bool> is_said{false};
  if (number % lines != 0) return;
  const std::int64_t now = steady_now_ns();
  const std::int64_t last = last_ns.exchange(now, std::memory_order_relaxed);
  constexpr std::int64_t lines_a_second = 100;
  constexpr std::int64_t time_of_lines =
      static_cast<std::int64_t>(lines) * 1'000'000'000 / lines_a_second;
  if (last == 0 || now - last > time_of_lines) return;
  if (is_said.exchange(true, std::memory_order_relaxed)) return;
  report(Diagnostic::Severity::warning,
         "more than 100 log lines a second: each is an observation, and on Langfuse Cloud every "
         "observation is billed (100 a second are 260 million a month); raise the sink's level, or "
         "set its max_per_second, max_per_call_site or into_observations");
}

bool submit_to(Client& client, const LogLine& line, const Place& place,
               std::int64_t time_unix_nano) noexcept {
  if (place.is_dropped) {
    client.count_drop(DropReason::outside_scope);
    return false;
  }
  if (!place.sampling.is_sampled) {
    client.count_sampled_out();
    return false;
  }
  const std::uint64_t number = line_sequence.fetch_add(1, std::memory_order_relaxed) + 1;
  EncodedRecord encoded = encode_line(client, line, place, time_unix_nano, number);
  watch_rate(number);
  const HeldRecord about{place.parent.trace_id, line.severity >= Severity::error};
  return submit_or_hold(client, place.sampling.is_undecided, about, std::move(encoded));
}

bool submit_readable(Client& client, const LogLine& line) noexcept {
  const std::int64_t time = line.time_unix_nano != 0 ? line.time_unix_nano : wall_now_ns();
  if (line.into_observations && line.is_from_here &&
      add_observation_line({time, describe(line.severity).word(), line.logger, line.message})) {
    return true;
  }
  Place place;
  find_place(place, client, line, time);
  return submit_to(client, line, place, time);
}

// What the user's mask leaves of the line.
bool submit_masked(Client& client, const LogLine& line) noexcept {
  try {
    std::vector<LineField> fields(line.fields, line.fields + line.field_count);
    std::deque<MaskedText> values;
    for (LineField& field : fields) field.value = values.emplace_back(client, field.value).view();
    const MaskedText message(client, line.message);
    LogLine masked = line;
    masked.message = message.view();
    masked.fields = fields.data();
    return submit_readable(client, masked);
  } catch (const std::bad_alloc&) {
    client.count_drop(DropReason::out_of_memory);
    return false;
  }
}

}  // namespace

void count_held_back() noexcept {
  if (Client* const client = Client::current()) client->count_rate_limited();
}

std::string example_text(std::string_view message) {
  constexpr std::size_t most = 200;  // bytes
  const Client* const client = Client::current();
  if (client == nullptr) return std::string();
  const MaskedText masked(*client, message);
  const Text text(masked.view(), most);
  std::string example(text.size(), '\0');
  text.write(&example[0]);
  return example;
}

void submit_summary(const LogLine& line) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return;
  const std::int64_t time = wall_now_ns();
  Place place;
  place.is_outside = true;
  place.parent = process_root(*client, time);
  submit_to(*client, line, place, time);
}

}  // namespace internal

bool submit(const LogLine& line) noexcept {
  using namespace internal;
  if (in_library()) return false;
  Client* const client = Client::current();
  if (client == nullptr) return false;
  return has_mask(*client) ? submit_masked(*client, line) : submit_readable(*client, line);
}

void wake() noexcept {
  internal::Client* const client = internal::Client::current();
  if (client != nullptr) client->wake();
}

}  // namespace v0_1
}  // namespace langfuse
