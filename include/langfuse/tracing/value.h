// The values that an observation accepts: text, numbers, bools, and any type with an `AsJson`.
//
// `observe.h` includes this header. Include it alone where you only specialise `AsJson`. It is
// light, because every call site includes it.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "langfuse/export.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// The text that a specialisation of `AsJson` writes to. Used by one thread, during the call.
class JsonText {
 public:
  // Appends `json` unchanged.
  LANGFUSE_API void append(std::string_view json);
  // Appends `text` as a JSON string: quoted, escaped, repaired to valid UTF-8.
  LANGFUSE_API void append_string(std::string_view text);

 private:
  friend struct JsonTextAccess;
  explicit JsonText(void* buffer) noexcept : buffer_(buffer) {}
  void* buffer_;
};

// Defines how values of type `T` become JSON. Specialise it with `static void write(const T& value,
// JsonText& out)`, which appends one JSON value in valid UTF-8. If it throws, the exception is
// caught and reported, and the value reads `<not serializable>`.
template <class T, class Enable = void>
struct AsJson;

namespace internal {

// Arithmetic types except bool and the character types.
template <class T>
constexpr bool is_number = std::is_arithmetic<T>::value && !std::is_same<T, bool>::value &&
                           !std::is_same<T, char>::value && !std::is_same<T, wchar_t>::value &&
#if defined(__cpp_char8_t)
                           !std::is_same<T, char8_t>::value &&
#endif
                           !std::is_same<T, char16_t>::value && !std::is_same<T, char32_t>::value;

template <class T, class = void>
struct HasAsJson : std::false_type {};
template <class T>
struct HasAsJson<
    T, std::void_t<decltype(AsJson<T>::write(std::declval<const T&>(), std::declval<JsonText&>()))>>
    : std::true_type {};

// A number of tokens, clamped to 0 … 2^53 - 1. Accepts numbers only: a JSON value would convert
// implicitly and throw if it holds anything else.
class TokenCount {
 public:
  template <class T, std::enable_if_t<is_number<T>, int> = 0>
  constexpr TokenCount(T value) noexcept {
    if (static_cast<double>(value) >= static_cast<double>(largest)) {
      count_ = largest;
    } else if (value > T(0)) {
      count_ = static_cast<std::int64_t>(value);
    }
  }

  constexpr std::int64_t count() const noexcept { return count_; }

 private:
  static constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
  std::int64_t count_ = 0;
};

// An amount of US dollars, clamped to 0 … 999 999. Accepts numbers only, as `TokenCount` does.
class DollarAmount {
 public:
  template <class T, std::enable_if_t<is_number<T>, int> = 0>
  constexpr DollarAmount(T value) noexcept {
    const double dollars = static_cast<double>(value);
    if (dollars >= largest) {
      dollars_ = largest;
    } else if (dollars > 0) {
      dollars_ = dollars;
    } else {
      is_known_ = dollars <= 0;
    }
  }

  constexpr double dollars() const noexcept { return dollars_; }
  // False for NaN.
  constexpr bool is_known() const noexcept { return is_known_; }

 private:
  static constexpr double largest = 999'999;
  double dollars_ = 0;
  bool is_known_ = true;
};

// The argument of a setter: a view of text, a number, a bool, or a way to write JSON. Valid only
// during the call that it is an argument of.
class Value {
 public:
  enum class Kind : std::uint8_t { text, boolean, integer, unsigned_integer, real, json };

  Value(std::string_view text) noexcept : kind_(Kind::text), text_(text) {}
  // A null pointer counts as empty text.
  Value(const char* text) noexcept
      : kind_(Kind::text), text_(text == nullptr ? std::string_view() : text) {}

  template <class T, std::enable_if_t<std::is_same<T, bool>::value, int> = 0>
  Value(T value) noexcept : kind_(Kind::boolean), integer_(value ? 1 : 0) {}

  template <class T, std::enable_if_t<is_number<T>, int> = 0>
  Value(T value) noexcept
      : kind_(std::is_floating_point<T>::value ? Kind::real
              : std::is_signed<T>::value       ? Kind::integer
                                               : Kind::unsigned_integer) {
    if constexpr (std::is_floating_point<T>::value) {
      real_ = static_cast<double>(value);
    } else {
      integer_ = static_cast<std::int64_t>(value);
    }
  }

  template <class T, std::enable_if_t<HasAsJson<T>::value, int> = 0>
  LANGFUSE_LOCAL Value(const T& value) noexcept
      : kind_(Kind::json), object_(&value), write_([](const void* object, JsonText& out) {
          AsJson<T>::write(*static_cast<const T*>(object), out);
        }) {}

  // Any type that converts to `std::string_view`, for instance `std::string`.
  template <class T, std::enable_if_t<!HasAsJson<T>::value && !std::is_arithmetic<T>::value &&
                                          !std::is_pointer<std::decay_t<T>>::value &&
                                          !std::is_same<T, std::string_view>::value &&
                                          !std::is_same<T, std::nullptr_t>::value &&
                                          std::is_convertible<const T&, std::string_view>::value,
                                      int> = 0>
  Value(const T& text) noexcept : kind_(Kind::text), text_(text) {}

  Kind kind() const noexcept { return kind_; }
  std::string_view text() const noexcept { return text_; }
  std::int64_t integer() const noexcept { return integer_; }
  double real() const noexcept { return real_; }
  void write(JsonText& out) const { write_(object_, out); }

 private:
  Kind kind_;
  std::string_view text_;
  union {
    std::int64_t integer_ = 0;
    double real_;
    const void* object_;
  };
  void (*write_)(const void*, JsonText&) = nullptr;
};

}  // namespace internal

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/value_stubs.h"
#endif
