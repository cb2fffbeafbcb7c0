#include "receiver/spans/linter.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "receiver/base/text.h"
#include "receiver/base/utf8_text.h"
#include "receiver/spans/attribute_rules.h"
#include "receiver/spans/environment.h"
#include "receiver/spans/known_keys.h"
#include "receiver/spans/lint_warnings.h"

namespace langfuse_receiver {
namespace {

// A rule about the span itself. The check returns the wrong value as text, empty if it is right.
using SpanCheck = std::string (*)(const ReceivedSpan& span, const ObservationRow& row);

bool is_hex(std::string_view id, std::size_t length) {
  return id.size() == length && id.find_first_not_of(hex_digits) == std::string_view::npos;
}

bool is_zero(std::string_view id) {
  return !id.empty() && id.find_first_not_of('0') == std::string_view::npos;
}

std::string wrong_trace_id(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  return is_hex(span.trace_id, 32) && !is_zero(span.trace_id) ? "" : span.trace_id;
}

std::string wrong_span_id(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  return is_hex(span.span_id, 16) && !is_zero(span.span_id) ? "" : span.span_id;
}

std::string wrong_parent_id(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  const std::string& id = span.parent_span_id;
  return id.empty() || is_zero(id) || is_hex(id, 16) ? "" : id;
}

std::string zero_parent_id(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  return is_zero(span.parent_span_id) ? span.parent_span_id : "";
}

std::string missing_start(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  return span.start_unix_nano ? "" : "(missing)";
}

std::string missing_end(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  return span.end_unix_nano ? "" : "(missing)";
}

std::string end_before_start(const ReceivedSpan& /*span*/, const ObservationRow& row) {
  return row.end_unix_nano < row.start_unix_nano ? std::to_string(row.end_unix_nano) : "";
}

std::string end_of_event(const ReceivedSpan& /*span*/, const ObservationRow& row) {
  return row.type == "EVENT" && row.end_unix_nano > row.start_unix_nano
             ? std::to_string(row.end_unix_nano)
             : "";
}

std::string lost_event(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  for (const SpanEvent& event : span.events) {
    if (!starts_with(event.name, "gen_ai.")) {
      return event.name.empty() ? "(no name)" : event.name;
    }
  }
  return {};
}

std::string changed_environment(const ReceivedSpan& span, const ObservationRow& row) {
  const std::string given = given_environment(span);
  return given.empty() || given == row.environment ? "" : given;
}

std::string unread_status(const ReceivedSpan& span, const ObservationRow& /*row*/) {
  return span.unread_status_code;
}

struct SpanRule {
  const char* field;
  SpanCheck wrong_value;
  const char* loss;
  const char* remedy;
};

constexpr const char* id_loss =
    "every server keeps it as it is, and what names the observation in the usual form, as scores "
    "and links do, does not find it";

constexpr SpanRule span_rules[] = {
    {"traceId", wrong_trace_id, id_loss,
     "send 16 bytes, not all zero, as 32 lower-case hex digits"},
    {"spanId", wrong_span_id, id_loss, "send 8 bytes, not all zero, as 16 lower-case hex digits"},
    {"parentSpanId", wrong_parent_id, id_loss, "send 8 bytes as 16 lower-case hex digits"},
    {"parentSpanId", zero_parent_id,
     "every server takes it for a parent that never arrives, so that the trace has no root",
     "leave it out for a root"},
    {"startTimeUnixNano", missing_start,
     "every server takes the end for it, or else the time of arrival",
     "send nanoseconds since 1970 as a decimal text"},
    {"endTimeUnixNano", missing_end,
     "every server takes the start for it, or else the time of arrival",
     "send nanoseconds since 1970 as a decimal text"},
    {"endTimeUnixNano", end_before_start,
     "before the start: servers from 4.0 on keep it, and the duration is negative",
     "send the end of the span, not 0 and not a time of another clock"},
    {"endTimeUnixNano", end_of_event, "servers before 4.0 keep no end of an event",
     "send the type span, or the start as the end"},
    {"events", lost_event, "every server drops span events, exceptions too",
     "send an observation of the type event, and the status for an error"},
    {"status.code", unread_status, "every server ignores the name of a code",
     "send the number: 2 for an error"},
    {"environment", changed_environment,
     "no name that a server keeps, so that servers from 4.0 on store another one",
     "send at most 40 characters of a-z, 0-9, - and _ that do not begin with langfuse"},
};

void lint_repeated_keys(const Attributes& attributes, LintWarnings& warnings) {
  std::vector<std::string_view> keys;
  keys.reserve(attributes.size());
  for (const Attribute& attribute : attributes) {
    keys.push_back(attribute.key);
  }
  std::sort(keys.begin(), keys.end());
  for (auto at = keys.begin(); (at = std::adjacent_find(at, keys.end())) != keys.end();) {
    warnings.add("attributes", *at, "sent more than once: every server keeps the last one",
                 "send each key once");
    at = std::upper_bound(at, keys.end(), *at);
  }
}

void lint_resource(const Attributes& resource, LintWarnings& warnings) {
  for (const Attribute& attribute : resource) {
    if (is_trace_key(attribute.key)) {
      warnings.add_value("resource " + attribute.key, attribute.value,
                         "servers from 4.0 on do not apply it to observations",
                         "send it on every span");
    }
  }
}

}  // namespace

Json lint(const ReceivedSpan& span, const ObservationRow& row) {
  LintWarnings warnings;
  for (const SpanRule& rule : span_rules) {
    if (const std::string wrong = rule.wrong_value(span, row); !wrong.empty()) {
      warnings.add(rule.field, wrong, rule.loss, rule.remedy);
    }
  }
  for (const Attribute& attribute : span.attributes) {
    lint_attribute(attribute, row, warnings);
  }
  lint_repeated_keys(span.attributes, warnings);
  lint_resource(span.origin->resource, warnings);
  return warnings.take();
}

std::string missing_parent_warning(const std::string& parent_span_id) {
  return "parentSpanId = " + std::string(cut_utf8(parent_span_id, 60)) +
         ": no observation of the trace has this id although the root is there, so that every "
         "server shows this one beside its place; export the parent too, and end it";
}

}  // namespace langfuse_receiver
