#include "receiver/base/iso_time.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace langfuse_receiver {
namespace {

constexpr std::int64_t nano_per_second = 1'000'000'000;

// Reads `count` digits at `at`; false if there are fewer or `at` is beyond the end.
bool read_digits(std::string_view text, std::size_t& at, int count, int& number) {
  number = 0;
  for (int i = 0; i < count; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') {
      return false;
    }
    number = number * 10 + (text[at] - '0');
  }
  return true;
}

bool read_character(std::string_view text, std::size_t& at, char expected) {
  if (at >= text.size() || text[at] != expected) {
    return false;
  }
  ++at;
  return true;
}

// Seconds east of Greenwich; empty if there is no zone.
std::optional<std::int64_t> read_zone(std::string_view text, std::size_t& at) {
  if (read_character(text, at, 'Z') || read_character(text, at, 'z')) {
    return 0;
  }
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) {
    return std::nullopt;
  }
  const int sign = text[at++] == '-' ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!read_digits(text, at, 2, hours)) {
    return std::nullopt;
  }
  read_character(text, at, ':');
  if (at < text.size() && !read_digits(text, at, 2, minutes)) {
    return std::nullopt;
  }
  return sign * (hours * 3600 + minutes * 60);
}

// Empty beyond the range of 64-bit nanoseconds, 1677-09-21 to 2262-04-11.
std::optional<std::int64_t> unix_nano_of(std::int64_t seconds, std::int64_t fraction) {
  if (seconds < 0) {  // towards zero, where the product is in range if the sum is
    ++seconds;
    fraction -= nano_per_second;
  }
  std::int64_t product = 0;
  std::int64_t sum = 0;
  const bool is_too_far = __builtin_mul_overflow(seconds, nano_per_second, &product) ||
                          __builtin_add_overflow(product, fraction, &sum);
  return is_too_far ? std::nullopt : std::optional<std::int64_t>(sum);
}

}  // namespace

std::string to_iso_time(std::int64_t unix_nano) {
  std::int64_t seconds = unix_nano / nano_per_second;
  std::int64_t rest = unix_nano % nano_per_second;
  if (rest < 0) {
    rest += nano_per_second;
    --seconds;
  }
  const std::time_t time = seconds;
  std::tm date{};
  gmtime_r(&time, &date);
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                                   date.tm_year + 1900, date.tm_mon + 1, date.tm_mday, date.tm_hour,
                                   date.tm_min, date.tm_sec, static_cast<int>(rest / 1'000'000));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  std::size_t at = 0;
  std::tm date{};
  if (!read_digits(text, at, 4, date.tm_year) || !read_character(text, at, '-') ||
      !read_digits(text, at, 2, date.tm_mon) || !read_character(text, at, '-') ||
      !read_digits(text, at, 2, date.tm_mday)) {
    return std::nullopt;
  }
  if (date.tm_mon < 1 || date.tm_mon > 12 || date.tm_mday < 1 || date.tm_mday > 31) {
    return std::nullopt;
  }
  date.tm_year -= 1900;
  date.tm_mon -= 1;
  std::int64_t fraction = 0;
  std::int64_t offset = 0;
  if (at < text.size()) {
    if (!read_character(text, at, 'T') && !read_character(text, at, ' ')) {
      return std::nullopt;
    }
    if (!read_digits(text, at, 2, date.tm_hour) || !read_character(text, at, ':') ||
        !read_digits(text, at, 2, date.tm_min) || date.tm_hour > 24 || date.tm_min > 59) {
      return std::nullopt;
    }
    if (read_character(text, at, ':') &&
        (!read_digits(text, at, 2, date.tm_sec) || date.tm_sec > 60)) {
      return std::nullopt;
    }
    if (read_character(text, at, '.')) {
      std::int64_t unit = nano_per_second / 10;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
        fraction += unit * (text[at] - '0');
      }
    }
    const std::optional<std::int64_t> zone = read_zone(text, at);
    if (!zone || at != text.size()) {
      return std::nullopt;
    }
    offset = *zone;
  }
  return unix_nano_of(static_cast<std::int64_t>(timegm(&date)) - offset, fraction);
}

std::int64_t now_unix_nano() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace langfuse_receiver
