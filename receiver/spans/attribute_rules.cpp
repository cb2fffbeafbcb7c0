#include "receiver/spans/attribute_rules.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "receiver/base/text.h"
#include "receiver/spans/known_keys.h"
#include "receiver/spans/usage_details.h"

namespace langfuse_receiver {
namespace {

// Langfuse's own SDKs drop longer values instead of propagating them.
constexpr std::size_t max_propagated_characters = 200;
constexpr std::int64_t max_exact_integer = 9'007'199'254'740'992;  // JavaScript rounds beyond

// ---- what a value must be

// Empty if it is no text.
std::string_view text_in(const Json& value) {
  return value.is_string() ? std::string_view(value.get_ref<const std::string&>())
                           : std::string_view();
}

bool is_short(const Json& value) {
  const std::string_view text = text_in(value);
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  return static_cast<std::size_t>(characters) <= max_propagated_characters;
}

std::optional<Json> parsed(const Json& value) {
  return value.is_string() ? parse_json(value.get_ref<const std::string&>()) : std::nullopt;
}

// A number as the server reads one: text that holds one is one too.
double number_in(const Json& value) {
  if (value.is_number()) {
    return value.get<double>();
  }
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    return none;
  }
  const char* text = value.get_ref<const std::string&>().c_str();
  char* end = nullptr;
  const double number = std::strtod(text, &end);
  return *end == '\0' ? number : none;
}

bool is_count(const Json& value) {
  const double number = number_in(value);
  return number >= 0 && number <= static_cast<double>(max_exact_integer) &&
         number == std::floor(number);
}

// ---- rules about one key

using AttributeCheck = bool (*)(const Json& value, const ObservationRow& row);

bool never(const Json& /*value*/, const ObservationRow& /*row*/) {
  return false;
}

bool is_text(const Json& value, const ObservationRow& /*row*/) {
  return value.is_string();
}

bool is_flag(const Json& value, const ObservationRow& /*row*/) {
  return value.is_boolean() || text_in(value) == "true" || text_in(value) == "false";
}

bool can_be_propagated(const Json& value, const ObservationRow& /*row*/) {
  return is_short(value) &&
         (!value.is_array() || std::all_of(value.begin(), value.end(), is_short));
}

bool is_type(const Json& value, const ObservationRow& row) {
  return text_in(value) == lowered(row.type);
}

bool is_level(const Json& value, const ObservationRow& row) {
  return text_in(value) == row.level;
}

bool is_prompt_version(const Json& value, const ObservationRow& /*row*/) {
  return value.is_number_integer() && value.get<double>() >= 1 && value.get<double>() <= 65535;
}

bool has_prompt_name(const Json& /*value*/, const ObservationRow& row) {
  return row.type != "GENERATION" || !row.prompt_name.empty();
}

bool has_prompt_version(const Json& /*value*/, const ObservationRow& row) {
  return row.type != "GENERATION" || row.prompt_version.has_value();
}

bool is_on_generation(const Json& /*value*/, const ObservationRow& row) {
  return row.type == "GENERATION";
}

bool is_on_model_type(const Json& /*value*/, const ObservationRow& row) {
  return row.type != "SPAN" && row.type != "EVENT";
}

bool is_time(const Json& /*value*/, const ObservationRow& row) {
  return row.completion_start_unix_nano.has_value();
}

bool holds_object(const Json& value, const ObservationRow& /*row*/) {
  const auto json = parsed(value);
  return json && json->is_object();
}

// The checks of what is in an object say nothing of what is none: the check above does.
bool holds_counts(const Json& value, const ObservationRow& /*row*/) {
  const auto usage = parsed(value);
  return !usage || !usage->is_object() || is_openai_usage(*usage) ||
         std::all_of(usage->begin(), usage->end(), is_count);
}

bool has_priced_names(const Json& value, const ObservationRow& /*row*/) {
  const auto usage = parsed(value);
  if (!usage || !usage->is_object() || is_openai_usage(*usage)) {
    return true;
  }
  constexpr const char* unpriced[] = {"prompt_tokens", "completion_tokens", "input_tokens",
                                      "output_tokens", "total_tokens"};
  return std::none_of(std::begin(unpriced), std::end(unpriced),
                      [&](const char* name) { return usage->contains(name); });
}

bool holds_amounts(const Json& value, const ObservationRow& /*row*/) {
  const auto cost = parsed(value);
  return !cost || !cost->is_object() ||
         std::all_of(cost->begin(), cost->end(), [](const Json& amount) {
           return amount.is_number() && std::isfinite(amount.get<double>()) &&
                  amount.get<double>() >= 0;
         });
}

bool has_total_cost(const Json& /*value*/, const ObservationRow& row) {
  return row.cost_details.empty() || row.cost_details.contains("total");
}

struct AttributeRule {
  std::string_view key;
  AttributeCheck is_right;
  const char* loss;
  const char* remedy;
};

constexpr const char* before_4_drops = "servers before 4.0 drop the whole observation";
constexpr const char* not_propagated =
    "longer than 200 characters, so that Langfuse's SDKs do not propagate it and lists show its "
    "beginning, on every server";
constexpr const char* send_shorter = "send at most 200 characters";
constexpr const char* metadata_loss =
    "no JSON object: every server drops text and numbers, and spreads a list by its index";
constexpr const char* send_metadata = "send an object as JSON text, or one attribute for each key";
constexpr const char* not_read = "no server from 4.0 on reads it";
constexpr const char* send_flag = "send a boolean";

constexpr AttributeRule attribute_rules[] = {
    {"langfuse.observation.type", is_type,
     "no type that a server knows, so that every server guesses one",
     "send span, generation, event, embedding, agent, tool, chain, retriever, evaluator or "
     "guardrail, in lower case"},
    {"langfuse.observation.level", is_level, before_4_drops,
     "send DEBUG, DEFAULT, WARNING or ERROR"},
    {"langfuse.observation.metadata", holds_object, metadata_loss, send_metadata},
    {"langfuse.trace.metadata", holds_object, metadata_loss, send_metadata},
    {"langfuse.metadata", holds_object, metadata_loss, send_metadata},
    {"langfuse.observation.model.name", is_on_model_type,
     "on a span or an event, where servers before 4.0 drop model, usage and cost",
     "send the type generation or embedding"},
    {"langfuse.observation.model.parameters", holds_object,
     "no JSON object, so that every server drops it", "send an object as JSON text"},
    {"langfuse.observation.usage_details", holds_object,
     "no JSON object, so that every server drops it", "send an object as JSON text"},
    {"langfuse.observation.usage_details", holds_counts,
     "every server drops fractions, negative numbers and what is no number, and rounds what is "
     "above 2^53",
     "send whole numbers"},
    {"langfuse.observation.usage_details", has_priced_names,
     "neither complete in OpenAI's form nor in Langfuse's, so that no server computes a cost of it",
     "send input, output and total"},
    {"langfuse.observation.usage_details", is_on_model_type,
     "on a span or an event, where servers before 4.0 drop model, usage and cost",
     "send the type generation or embedding"},
    {"langfuse.observation.cost_details", holds_object,
     "no JSON object, so that every server drops it", "send an object as JSON text"},
    {"langfuse.observation.cost_details", holds_amounts,
     "servers from 4.0 on store text, negative and infinite numbers as they are or not at all",
     "send numbers of US dollars, 0 or more"},
    {"langfuse.observation.cost_details", has_total_cost,
     "servers from 4.0 on add up input and output only, so that the total is missing",
     "send total too"},
    {"langfuse.observation.cost_details", is_on_model_type,
     "on a span or an event, where servers before 4.0 drop model, usage and cost",
     "send the type generation or embedding"},
    {"langfuse.observation.completion_start_time", is_time,
     "no time that a server can read: the time to first token is lost on every server, and servers "
     "before 4.0 drop the whole observation",
     "send ISO 8601 with Z or an offset"},
    {"langfuse.observation.prompt.name", is_on_generation,
     "servers from 3.211 on link prompts to generations only", "send the type generation"},
    {"langfuse.observation.prompt.name", has_prompt_version, before_4_drops,
     "send langfuse.observation.prompt.version too"},
    {"langfuse.observation.prompt.version", is_prompt_version, before_4_drops,
     "send an integer from 1 to 65535"},
    {"langfuse.observation.prompt.version", has_prompt_name, before_4_drops,
     "send langfuse.observation.prompt.name too"},
    {"langfuse.version", is_text, "servers before 4.0 drop the whole observation and its trace",
     "send text"},
    {"langfuse.version", can_be_propagated, not_propagated, send_shorter},
    {"langfuse.release", is_text, "servers before 4.0 drop the whole observation and its trace",
     "send text"},
    {"langfuse.trace.name", can_be_propagated, not_propagated, send_shorter},
    {"langfuse.trace.tags", can_be_propagated, not_propagated, send_shorter},
    {"langfuse.tags", can_be_propagated, not_propagated, send_shorter},
    {"langfuse.trace.input", never, not_read, "send langfuse.observation.input on the root"},
    {"langfuse.trace.output", never, not_read, "send langfuse.observation.output on the root"},
    {"langfuse.trace.public", is_flag, "every server takes it for false", send_flag},
    {"langfuse.public", is_flag, "every server takes it for false", send_flag},
    {"langfuse.internal.is_app_root", is_flag, "every server takes it for false", send_flag},
    {"user.id", can_be_propagated, not_propagated, send_shorter},
    {"langfuse.user.id", can_be_propagated, not_propagated, send_shorter},
    {"session.id", can_be_propagated, not_propagated, send_shorter},
    {"langfuse.session.id", can_be_propagated, not_propagated, send_shorter},
};

// ---- rules about every key

bool is_exact(const Json& value) {
  if (value.is_array()) {
    return std::all_of(value.begin(), value.end(), is_exact);
  }
  return !value.is_number_integer() ||
         (value >= Json(-max_exact_integer) && value <= Json(max_exact_integer));
}

void lint_any(const Attribute& attribute, LintWarnings& warnings) {
  const auto& [key, value, is_otlp_text] = attribute;
  if (is_otlp_text) {
    warnings.add_value(
        key, value,
        "every server keeps the OTLP JSON of an empty value, an empty array, a map or "
        "bytes as text",
        "leave it out if it is empty, else send JSON text");
  }
  if (!is_exact(value)) {
    warnings.add_value(key, value, "every server rounds integers beyond 2^53", "send it as text");
  }
  if (!is_known_key(key)) {
    warnings.add_value(key, value, "no server reads this key, and its value is lost",
                       warnings.is_full() ? std::string() : key_advice(key));
  }
  if (starts_with(key, "langfuse.trace.metadata.") && !is_short(value)) {
    warnings.add_value(key, value, not_propagated, send_shorter);
  }
  if (is_reserved_metadata(key)) {
    warnings.add_value(key, value,
                       "every server writes a key of this name itself and keeps one of both",
                       "choose another name");
  }
}

}  // namespace

void lint_attribute(const Attribute& attribute, const ObservationRow& row, LintWarnings& warnings) {
  for (const AttributeRule& rule : attribute_rules) {
    if (attribute.key == rule.key && !rule.is_right(attribute.value, row)) {
      warnings.add_value(rule.key, attribute.value, rule.loss, rule.remedy);
    }
  }
  lint_any(attribute, warnings);
}

}  // namespace langfuse_receiver
