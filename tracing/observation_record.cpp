#include "tracing/observation_record.h"

#include <iterator>

#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"
#include "pipeline/client.h"
#include "storage/span_record.h"
#include "tracing/observation_type.h"
#include "tracing/trace_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// In the order of the enumerators.
constexpr ConstantAttribute level_attributes[] = {{keys::level, "DEBUG"},
                                                  {keys::level, "DEFAULT"},
                                                  {keys::level, "WARNING"},
                                                  {keys::level, "ERROR"}};

}  // namespace

const ConstantAttribute& level_attribute(Level level) noexcept {
  const auto index = static_cast<std::size_t>(level);
  constexpr auto info = static_cast<std::size_t>(Level::info);
  return level_attributes[index < std::size(level_attributes) ? index : info];
}

namespace {

// A JSON object, of members that each begin with a comma. Left out without any.
class ObjectAttribute {
 public:
  ObjectAttribute(const AttributeKey& key, const KeyedPieces& members) noexcept
      : key_(key), members_(members.bytes()) {}

  std::size_t bound() const noexcept {
    return members_.empty() ? 0 : text_attribute_bound(key_, size());
  }
  char* write(char* out) const noexcept {
    if (members_.empty()) return out;
    char* const object = begin_text_attribute(out, key_, size());
    out = write_raw(object, members_);
    *object = '{';
    *out++ = '}';
    return out;
  }

 private:
  // The first comma makes room for the brace.
  std::size_t size() const noexcept { return members_.size() + 1; }

  const AttributeKey& key_;
  std::string_view members_;
};

SpanFields span_fields(const ObservationState& state, std::int64_t end_unix_nano) noexcept {
  SpanFields fields;
  fields.trace_id = state.trace_id;
  fields.span_id = state.span_id;
  fields.parent_span_id = state.parent_span_id;
  fields.name = Text::well_formed(state.name.empty() ? unnamed : view(state.name));
  fields.start_unix_nano = state.start_unix_nano;
  fields.end_unix_nano = end_unix_nano;
  fields.is_error = state.level == Level::error;
  return fields;
}

// The same as `encode_with_more` for an observation that has nothing of it.
EncodedRecord encode_plain(const ObservationState& state, std::int64_t end_unix_nano) noexcept {
  TraceAttributes trace(*state.client, state.propagated);
  if (state.type != ObservationType::generation) trace.prompt = {};
  return encode_span(span_fields(state, end_unix_nano), state.client->settings().record_max_bytes,
                     type_attribute(state.type), level_attribute(state.level),
                     OptionalConstant(state.is_app_root, keys::is_app_root), trace,
                     FinishedAttributes(state.attributes.bytes()));
}

EncodedRecord encode_with_more(const ObservationState& state, std::int64_t end_unix_nano) noexcept {
  const ObservationState::More& more = state.more();
  const Text status_message = Text::well_formed(view(more.status_message));
  const Text version = Text::well_formed(view(more.version));
  const bool is_generation = state.type == ObservationType::generation;
  const bool has_prompt = is_generation && more.prompt_version > 0;
  const Text prompt_name =
      Text::well_formed(has_prompt ? view(more.prompt_name) : std::string_view());

  TraceAttributes trace(*state.client, state.propagated);
  if (!version.empty()) trace.leave_out_version();
  if (!is_generation || has_prompt) trace.prompt = {};

  SpanFields fields = span_fields(state, end_unix_nano);
  fields.status_message = status_message;
  const OptionalAttribute<TextAttribute> prompt(has_prompt, {keys::prompt_name, prompt_name});
  const OptionalAttribute<IntegerAttribute> prompt_version(
      has_prompt, {keys::prompt_version, more.prompt_version});
  return encode_span(
      fields, state.client->settings().record_max_bytes, type_attribute(state.type),
      level_attribute(state.level), optional_text(keys::status_message, status_message),
      optional_text(keys::version, version), OptionalConstant(state.is_app_root, keys::is_app_root),
      ObjectAttribute(keys::model_parameters, more.members[ObservationState::model_parameters]),
      ObjectAttribute(keys::usage_details, more.members[ObservationState::usage_details]),
      ObjectAttribute(keys::cost_details, more.members[ObservationState::cost_details]), trace,
      FinishedAttributes(state.attributes.bytes()), prompt, prompt_version);
}

}  // namespace

EncodedRecord encode_observation(const ObservationState& state,
                                 std::int64_t end_unix_nano) noexcept {
  return state.has_more() ? encode_with_more(state, end_unix_nano)
                          : encode_plain(state, end_unix_nano);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
