#include "tracing/observation_record.h"

#include <iterator>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "pipeline/client.h"
#include "storage/span_record.h"
#include "tracing/trace_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// In the order of the enumerators.
constexpr ConstantAttribute type_attributes[] = {
    {keys::type, "span"},      {keys::type, "generation"}, {keys::type, "event"},
    {keys::type, "embedding"}, {keys::type, "agent"},      {keys::type, "tool"},
    {keys::type, "chain"},     {keys::type, "retriever"},  {keys::type, "evaluator"},
    {keys::type, "guardrail"}};
constexpr ConstantAttribute level_attributes[] = {{keys::level, "DEBUG"},
                                                  {keys::level, "DEFAULT"},
                                                  {keys::level, "WARNING"},
                                                  {keys::level, "ERROR"}};

// A JSON object that is put together from its members.
struct ObjectAttribute {
  const KeyedPieces& members;
  ObservationState::Object object;
  const AttributeKey& key;
  std::size_t size;  // of the JSON text; 0: no members, and no attribute

  ObjectAttribute(const ObservationState& state, ObservationState::Object which,
                  const AttributeKey& attribute_key) noexcept
      : members(state.members), object(which), key(attribute_key), size(0) {
    for (const KeyedPieces::Entry& entry : members.entries()) {
      if (entry.group == object) size += entry.size + 1;  // a comma, or the last one's brace
    }
    if (size > 0) ++size;
  }

  std::size_t bound() const noexcept { return size == 0 ? 0 : text_attribute_bound(key, size); }

  char* write(char* out) const noexcept {
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

const ConstantAttribute& type_attribute(ObservationType type) noexcept {
  const auto index = static_cast<std::size_t>(type);
  return type_attributes[index < std::size(type_attributes) ? index : 0];
}

const ConstantAttribute& level_attribute(Level level) noexcept {
  const auto index = static_cast<std::size_t>(level);
  constexpr auto info = static_cast<std::size_t>(Level::info);
  return level_attributes[index < std::size(level_attributes) ? index : info];
}

EncodedRecord encode_observation(const ObservationState& state,
                                 std::int64_t end_unix_nano) noexcept {
  const Text status_message(view(state.status_message));
  const Text version(view(state.version));
  const bool is_generation = state.type == ObservationType::generation;
  const bool has_prompt = is_generation && state.prompt_version > 0;
  const Text prompt_name(has_prompt ? view(state.prompt_name) : std::string_view());

  TraceAttributes trace(*state.client, state.propagated);
  if (!version.empty()) trace.version = {};
  if (!is_generation || has_prompt) trace.prompt = {};

  SpanFields fields;
  fields.trace_id = state.trace_id;
  fields.span_id = state.span_id;
  fields.parent_span_id = state.parent_span_id;
  fields.name = Text(state.name.empty() ? unnamed : view(state.name));
  fields.start_unix_nano = state.start_unix_nano;
  fields.end_unix_nano = end_unix_nano;
  fields.is_error = state.level == Level::error;
  fields.status_message = status_message;

  const OptionalAttribute<TrueAttribute> is_app_root(state.is_app_root,
                                                     TrueAttribute(keys::is_app_root));
  const ObjectAttribute parameters(state, ObservationState::model_parameters,
                                   keys::model_parameters);
  const ObjectAttribute usage(state, ObservationState::usage_details, keys::usage_details);
  const ObjectAttribute cost(state, ObservationState::cost_details, keys::cost_details);
  const OptionalAttribute<TextAttribute> prompt(has_prompt, {keys::prompt_name, prompt_name});
  const OptionalAttribute<IntegerAttribute> prompt_version(
      has_prompt, {keys::prompt_version, state.prompt_version});
  return encode_span(fields, state.client->settings().record_max_bytes, type_attribute(state.type),
                     level_attribute(state.level),
                     optional_text(keys::status_message, status_message),
                     optional_text(keys::version, version), is_app_root, parameters, usage, cost,
                     trace, FinishedAttributes(state.attributes.bytes()), prompt, prompt_version);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
