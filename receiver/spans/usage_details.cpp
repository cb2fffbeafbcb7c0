#include "receiver/spans/usage_details.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

namespace langfuse_receiver {
namespace {

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) {
    return value.get<double>();
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (!text.empty() && end == text.c_str() + text.size()) {
      return number;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> count_of(const std::string& key, const Json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= 9'223'372'036'854'775'807U) {
    return value.get<std::int64_t>();
  }
  const std::optional<double> number = number_of(value);
  if (!number || !std::isfinite(*number) || *number < 0 || *number != std::floor(*number)) {
    return std::nullopt;
  }
  if (*number >= 9.2e18) {
    throw std::out_of_range("usage_details \"" + key + "\" is too large to be stored");
  }
  return static_cast<std::int64_t>(*number);
}

struct OpenAiShape {
  const char* input;
  const char* output;
  const char* total;
  const char* input_details;
  const char* output_details;
};

constexpr OpenAiShape openai_shapes[] = {{"prompt_tokens", "completion_tokens", "total_tokens",
                                          "prompt_tokens_details", "completion_tokens_details"},
                                         {"input_tokens", "output_tokens", "total_tokens",
                                          "input_tokens_details", "output_tokens_details"}};

// Recognised only when complete and without any other key.
bool has_shape(const Json& usage, const OpenAiShape& shape) {
  for (const char* key : {shape.input, shape.output, shape.total}) {
    if (!usage.contains(key) || !usage[key].is_number_integer()) {
      return false;
    }
  }
  const std::set<std::string> known{shape.input, shape.output, shape.total, shape.input_details,
                                    shape.output_details};
  for (const auto& [key, value] : usage.items()) {
    if (known.count(key) == 0) {
      return false;
    }
    const bool is_details = key == shape.input_details || key == shape.output_details;
    if (is_details && !value.is_object() && !value.is_null()) {
      return false;
    }
  }
  return true;
}

// Takes the details out of `whole`, because buckets must be disjoint, and adds them as own buckets.
std::int64_t split_details(const Json& usage, const char* details_key, const std::string& prefix,
                           std::int64_t whole, Json& buckets) {
  if (!usage.contains(details_key) || !usage[details_key].is_object()) {
    return whole;
  }
  for (const auto& [key, value] : usage[details_key].items()) {
    if (const auto count = count_of(key, value)) {
      buckets[prefix + key] = *count;
      whole = std::max<std::int64_t>(0, whole - *count);
    }
  }
  return whole;
}

Json from_openai(const Json& usage, const OpenAiShape& shape) {
  Json details = Json::object();
  const auto whole = [&](const char* key) { return count_of(key, usage[key]).value_or(0); };
  const std::int64_t input =
      split_details(usage, shape.input_details, "input_", whole(shape.input), details);
  const std::int64_t output =
      split_details(usage, shape.output_details, "output_", whole(shape.output), details);
  Json result = {{"input", input}, {"output", output}, {"total", whole(shape.total)}};
  result.update(details);
  return result;
}

}  // namespace

bool is_openai_usage(const Json& usage) {
  return usage.is_object() &&
         std::any_of(std::begin(openai_shapes), std::end(openai_shapes),
                     [&](const OpenAiShape& shape) { return has_shape(usage, shape); });
}

Json provided_usage(const Json& usage) {
  if (!usage.is_object()) {
    return Json::object();
  }
  for (const OpenAiShape& shape : openai_shapes) {
    if (has_shape(usage, shape)) {
      return from_openai(usage, shape);
    }
  }
  Json result = Json::object();
  for (const auto& [key, value] : usage.items()) {
    if (const auto count = count_of(key, value)) {
      result[key] = *count;
    }
  }
  return result;
}

Json completed_usage(const Json& provided) {
  Json result = provided;
  if (!provided.empty() && !provided.contains("total")) {
    double sum = 0;
    for (const Json& value : provided) {
      sum += value.get<double>();
    }
    result["total"] = static_cast<std::int64_t>(std::min(sum, 9.2e18));
  }
  return result;
}

Json provided_cost(const Json& cost) {
  Json result = Json::object();
  if (!cost.is_object()) {
    return result;
  }
  for (const auto& [key, value] : cost.items()) {
    const std::optional<double> number = number_of(value);
    if (!number || !std::isfinite(*number)) {
      continue;  // an infinity, as `1e999` is one, is no amount: it costs its own key alone
    }
    if (std::fabs(*number) >= 1e6) {
      throw std::out_of_range("cost_details \"" + key + "\" is too large to be stored");
    }
    result[key] = *number;
  }
  return result;
}

Json completed_cost(const Json& provided) {
  Json result = provided;
  double sum = 0;
  for (const auto& [key, value] : provided.items()) {
    if (key != "input" && key != "output") {
      return result;
    }
    sum += value.get<double>();
  }
  if (!provided.empty()) {
    result["total"] = sum;
  }
  return result;
}

}  // namespace langfuse_receiver
