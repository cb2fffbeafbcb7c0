#include "receiver/spans/received_span.h"

#include <algorithm>
#include <cmath>

#include "receiver/base/utf8_text.h"

namespace langfuse_receiver {

const Json* find_attribute(const Attributes& attributes, std::string_view key) {
  const auto found =
      std::find_if(attributes.rbegin(), attributes.rend(),
                   [key](const Attribute& attribute) { return attribute.key == key; });
  return found == attributes.rend() ? nullptr : &found->value;
}

std::string_view text_attribute(const Attributes& attributes, std::string_view key) {
  const Json* value = find_attribute(attributes, key);
  if (value == nullptr || !value->is_string()) {
    return {};
  }
  return value->get_ref<const std::string&>();
}

std::string as_text(const Json& value) {
  if (value.is_null()) {
    return {};
  }
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::fabs(number) < 1e15 && number == std::floor(number)) {
      return std::to_string(static_cast<std::int64_t>(number));
    }
  }
  return to_text(value);
}

Json number_or_text(double number) {
  if (std::isnan(number)) {
    return "NaN";
  }
  if (std::isinf(number)) {
    return number > 0 ? "Infinity" : "-Infinity";
  }
  constexpr double most = 9'007'199'254'740'992.0;  // above, not every integer has a double
  if (std::fabs(number) <= most && number == std::floor(number)) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

std::string span_place(std::size_t resource, std::size_t scope, std::size_t span,
                       std::string_view name) {
  return "resourceSpans[" + std::to_string(resource) + "].scopeSpans[" + std::to_string(scope) +
         "].spans[" + std::to_string(span) + "] (\"" + repair_utf8(cut_utf8(name, 80)) + "\")";
}

}  // namespace langfuse_receiver
