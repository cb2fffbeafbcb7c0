// JSON values as values of observations: `step.set_input(nlohmann::json{{"question", question}})`.
//
// Opt-in, because it includes nlohmann's library. Works with `nlohmann::json`, `ordered_json` and
// any other `basic_json`. The text comes from a writer of its own, because `dump()` throws on
// invalid UTF-8 and recurses. This writer repairs invalid UTF-8, writes NaN and infinity as
// strings, and writes `<too deep>` for a container inside 128 others.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <type_traits>

#include "langfuse/export.h"
#include "langfuse/tracing/observe.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {
namespace internal {

template <class Json>
class LANGFUSE_LOCAL JsonWriter {
 public:
  explicit JsonWriter(JsonText& out) noexcept : out_(out) {}

  void write(const Json& value) {
    write_or_enter(value);
    while (depth_ > 0) {
      Frame& frame = frames_[depth_ - 1];
      if (frame.next == frame.container->cend()) {
        out_.append(frame.container->is_object() ? "}" : "]");
        --depth_;
        continue;
      }
      if (frame.next != frame.container->cbegin()) out_.append(",");
      if (frame.container->is_object()) {
        out_.append_string(frame.next.key());
        out_.append(":");
      }
      const Json& element = *frame.next;
      ++frame.next;
      write_or_enter(element);
    }
  }

 private:
  struct Frame {
    const Json* container = nullptr;
    typename Json::const_iterator next;
  };
  static constexpr int max_depth = 128;

  // Writes a scalar, or the beginning of a container.
  void write_or_enter(const Json& value) {
    if (!value.is_structured()) {
      write_scalar(value);
    } else if (depth_ == max_depth) {
      out_.append("\"<too deep>\"");
    } else {
      out_.append(value.is_object() ? "{" : "[");
      frames_[depth_++] = {&value, value.cbegin()};
    }
  }

  void write_scalar(const Json& value) {
    switch (value.type()) {
      case nlohmann::detail::value_t::string:
        out_.append_string(value.template get_ref<const typename Json::string_t&>());
        break;
      case nlohmann::detail::value_t::boolean:
        out_.append(value.template get<bool>() ? "true" : "false");
        break;
      case nlohmann::detail::value_t::number_integer:
        write_number(value.template get<typename Json::number_integer_t>());
        break;
      case nlohmann::detail::value_t::number_unsigned:
        write_number(value.template get<typename Json::number_unsigned_t>());
        break;
      case nlohmann::detail::value_t::number_float:
        write_real(static_cast<double>(value.template get<typename Json::number_float_t>()));
        break;
      case nlohmann::detail::value_t::binary:
        write_binary(value.get_binary());
        break;
      case nlohmann::detail::value_t::discarded:
        out_.append("\"<discarded>\"");
        break;
      default:
        out_.append("null");
        break;
    }
  }

  template <class Number>
  void write_number(Number number) {
    char digits[32];
    const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out_.append({digits, static_cast<std::size_t>(end - digits)});
  }

  void write_real(double number) {
    if (std::isnan(number)) {
      out_.append("\"NaN\"");
    } else if (std::isinf(number)) {
      out_.append(number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    } else {
      write_number(number);
    }
  }

  // In the form that nlohmann's `dump()` writes.
  void write_binary(const typename Json::binary_t& binary) {
    std::string_view separator = "{\"bytes\":[";
    if (binary.empty()) out_.append(separator);
    for (const auto byte : binary) {
      out_.append(separator);
      write_number(static_cast<unsigned>(byte));
      separator = ",";
    }
    out_.append("],\"subtype\":");
    if (binary.has_subtype()) {
      write_number(static_cast<std::uint64_t>(binary.subtype()));
    } else {
      out_.append("null");
    }
    out_.append("}");
  }

  JsonText& out_;
  Frame frames_[max_depth];
  int depth_ = 0;
};

}  // namespace internal

template <class Json>
struct AsJson<Json, std::enable_if_t<nlohmann::detail::is_basic_json<Json>::value>> {
  static LANGFUSE_LOCAL void write(const Json& value, JsonText& out) {
    internal::JsonWriter<Json>(out).write(value);
  }
};

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
