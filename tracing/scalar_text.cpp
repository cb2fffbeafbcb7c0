#include "tracing/scalar_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "model/attribute_encoder.h"
#include "model/short_number.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

template <std::size_t Size>
std::size_t write(char (&out)[Size], std::string_view text) noexcept {
  return text.copy(out, Size);
}

template <std::size_t Size, class Number>
std::size_t write_number(char (&out)[Size], Number number) noexcept {
  return static_cast<std::size_t>(std::to_chars(out, out + Size, number).ptr - out);
}

template <std::size_t Size>
std::size_t write_real(char (&out)[Size], double number) noexcept {
  const std::string_view not_finite = not_finite_text(number);
  if (!not_finite.empty()) return write(out, not_finite);
  const bool is_integer = std::fabs(number) <= static_cast<double>(largest_exact_integer) &&
                          std::trunc(number) == number;
  return is_integer ? write_number(out, static_cast<std::int64_t>(number))
                    : static_cast<std::size_t>(write_real_text(out, number) - out);
}

}  // namespace

ScalarText::ScalarText(const Value& value) noexcept {
  switch (value.kind()) {
    case Value::Kind::boolean:
      size_ = write(text_, value.integer() != 0 ? "true" : "false");
      return;
    case Value::Kind::real:
      size_ = write_real(text_, value.real());
      return;
    case Value::Kind::unsigned_integer:
      size_ = write_number(text_, static_cast<std::uint64_t>(value.integer()));
      return;
    default:
      size_ = write_number(text_, value.integer());
      return;
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
