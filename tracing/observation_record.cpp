#include "tracing/observation_record.h"

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

std::string_view view(const GrowingArray<char>& text) noexcept {
  return {text.data(), text.size()};
}

// A JSON object that is put together from its members.
struct ObjectAttribute {
  ObservationState::Object object;
  std::string_view key;
  std::size_t size;  // of the JSON text; 0: no members, and no attribute

  ObjectAttribute(const KeyedPieces& members, ObservationState::Object which,
                  std::string_view attribute_key) noexcept
      : object(which), key(attribute_key), size(0) {
    for (const KeyedPieces::Entry& entry : members.entries()) {
      if (entry.group == object) size += entry.size + 1;  // a comma, or the last one's brace
    }
    if (size > 0) ++size;
  }

  std::size_t attribute_size() const noexcept {
    return size == 0 ? 0 : text_attribute_size(key.size(), size);
  }

  char* write(char* out, const KeyedPieces& members) const noexcept {
    if (size == 0) return out;
    out = begin_text_attribute(out, key, size);
    char separator = '{';
    for (const KeyedPieces::Entry& entry : members.entries()) {
      if (entry.group != object) continue;
      *out++ = separator;
      out = write_raw(out, members.piece(entry));
      separator = ',';
    }
    *out++ = '}';
    return out;
  }
};

}  // namespace

std::string_view type_text(ObservationType type) noexcept {
  switch (type) {
    case ObservationType::span:
      return "span";
    case ObservationType::generation:
      return "generation";
    case ObservationType::event:
      return "event";
    case ObservationType::embedding:
      return "embedding";
    case ObservationType::agent:
      return "agent";
    case ObservationType::tool:
      return "tool";
    case ObservationType::chain:
      return "chain";
    case ObservationType::retriever:
      return "retriever";
    case ObservationType::evaluator:
      return "evaluator";
    case ObservationType::guardrail:
      return "guardrail";
  }
  return "span";  // a number that is no enumerator
}

std::string_view level_text(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return "DEBUG";
    case Level::info:
      return "DEFAULT";
    case Level::warning:
      return "WARNING";
    case Level::error:
      return "ERROR";
  }
  return "DEFAULT";
}

EncodedSpan encode_observation(const ObservationState& state, std::int64_t end_unix_nano) noexcept {
  const std::string_view common = state.client->common_attributes();
  const Text type = Text::literal(type_text(state.type));
  const Text level = Text::literal(level_text(state.level));
  const Text status_message(view(state.status_message));
  const Text version(view(state.version));
  const ObjectAttribute objects[] = {
      {state.members, ObservationState::model_parameters, keys::model_parameters},
      {state.members, ObservationState::usage_details, keys::usage_details},
      {state.members, ObservationState::cost_details, keys::cost_details}};

  SpanFields fields;
  fields.trace_id = state.trace_id;
  fields.span_id = state.span_id;
  fields.parent_span_id = state.parent_span_id;
  fields.name = Text(state.name.empty() ? unnamed : view(state.name));
  fields.start_unix_nano = state.start_unix_nano;
  fields.end_unix_nano = end_unix_nano;
  fields.is_error = state.level == Level::error;
  fields.status_message = status_message;

  std::size_t bound = text_attribute_size(keys::type.size(), type.size()) +
                      text_attribute_size(keys::level.size(), level.size()) +
                      text_attribute_size(keys::status_message.size(), status_message.size()) +
                      text_attribute_size(keys::version.size(), version.size()) +
                      scalar_attribute_bound(keys::is_app_root.size()) + common.size() +
                      state.attributes.bytes().size();
  for (const ObjectAttribute& object : objects) bound += object.attribute_size();

  return encode_span(fields, bound, state.client->settings().record_max_bytes, [&](char* out) {
    out = write_text_attribute(out, keys::type, type);
    out = write_text_attribute(out, keys::level, level);
    if (!status_message.empty()) {
      out = write_text_attribute(out, keys::status_message, status_message);
    }
    if (!version.empty()) out = write_text_attribute(out, keys::version, version);
    if (state.is_app_root) out = write_bool_attribute(out, keys::is_app_root, true);
    for (const ObjectAttribute& object : objects) out = object.write(out, state.members);
    out = write_raw(out, common);
    return write_raw(out, state.attributes.bytes());
  });
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
