#include "model/utc_time.h"

#include <cstring>

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

void write_digits(char* out, int count, std::int64_t value) noexcept {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

struct Date {
  std::int64_t year;
  std::int64_t month;
  std::int64_t day;
};

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: years begin in
// March there, so that the day that may be missing is the last one. `gmtime_r` is POSIX.
Date date_of(std::int64_t days_since_1970) noexcept {
  const std::int64_t days = days_since_1970 + 719'468;  // since 1 March of the year 0
  const std::int64_t era = days / 146'097;              // of 400 years
  const std::int64_t day_of_era = days % 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

}  // namespace

UtcTimeText utc_time_text(std::int64_t unix_nano) noexcept {
  const std::int64_t milliseconds = unix_nano / 1'000'000;
  const std::int64_t seconds = milliseconds / 1'000;
  const Date date = date_of(seconds / 86'400);
  UtcTimeText time;
  std::memcpy(time.text, "0000-00-00T00:00:00.000Z", UtcTimeText::size);
  write_digits(time.text, 4, date.year);
  write_digits(time.text + 5, 2, date.month);
  write_digits(time.text + 8, 2, date.day);
  write_digits(time.text + 11, 2, seconds / 3'600 % 24);
  write_digits(time.text + 14, 2, seconds / 60 % 60);
  write_digits(time.text + 17, 2, seconds % 60);
  write_digits(time.text + 20, 3, milliseconds % 1'000);
  return time;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
