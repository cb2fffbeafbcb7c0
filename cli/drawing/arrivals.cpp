#include "cli/drawing/arrivals.h"

#include <algorithm>

#include "cli/drawing/observation_text.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"

namespace langfuse_cli {

using langfuse_receiver::Json;
using langfuse_receiver::lowered;

namespace {

constexpr std::int64_t minute = 60'000'000'000;
constexpr std::int64_t short_way_back = minute;
constexpr std::int64_t long_way_back = 10 * minute;
constexpr std::size_t looks_to_a_long_one = 15;

constexpr std::size_t trace_digits = 8;
constexpr std::size_t duration_width = 9;

bool ends_before(const Json& one, const Json& other) {
  return end_of(one) < end_of(other);
}

}  // namespace

std::int64_t Arrivals::next_from(std::int64_t now) {
  now_ = now;
  const bool is_long = looks_++ % looks_to_a_long_one == 0 || newest_start_ == 0;
  if (is_one_trace_) {
    return 0;
  }
  // Relative to the programs' clock, which is where the newest start comes from.
  const std::int64_t newest = newest_start_ == 0 ? now : newest_start_;
  return newest - (is_long ? long_way_back : short_way_back);
}

std::vector<Json> Arrivals::take_new(std::vector<Json> found) {
  std::vector<Json> fresh;
  for (Json& observation : found) {
    const std::int64_t start = start_of(observation);
    newest_start_ = start <= now_ ? std::max(newest_start_, start) : newest_start_;
    const std::string key = text_of(observation, "traceId") + text_of(observation, "id");
    if (start_of_seen_.emplace(key, start).second) {
      fresh.push_back(std::move(observation));
    }
  }
  if (!is_one_trace_) {
    for (auto seen = start_of_seen_.begin(); seen != start_of_seen_.end();) {
      const bool is_out_of_reach = seen->second < newest_start_ - long_way_back;
      seen = is_out_of_reach ? start_of_seen_.erase(seen) : std::next(seen);
    }
  }
  // The API gives the newest start first; what ended at the same time stays in the order of starts.
  std::reverse(fresh.begin(), fresh.end());
  std::stable_sort(fresh.begin(), fresh.end(), ends_before);
  order_lines(fresh, end_of);
  return fresh;
}

std::string draw_arrival(const Json& observation, const Palette& palette, std::size_t width) {
  const bool is_line = is_log_line(observation);
  const std::string level = text_of(observation, "level");
  const std::string type = text_of(observation, "type");
  const std::string what = is_line ? text_of(observation, "name").substr(4) : lowered(type);
  const Colour colour = is_line || level == "ERROR" ? colour_of_level(level) : Colour::bold;
  const std::string end = langfuse_receiver::to_iso_time(end_of(observation));
  const std::string duration =
      is_line ? std::string{}
              : duration_text(time_between(start_of(observation), end_of(observation)));
  std::string text = is_line ? text_of(observation, "input") : name_with_level(observation);
  if (const std::string details = details_of(observation); !is_line && !details.empty()) {
    text += "  " + details;
  }
  const std::string time = end.substr(end.find('T') + 1, 12);
  const std::string trace = text_of(observation, "traceId").substr(0, trace_digits);
  const std::size_t used = time.size() + trace_digits + type_width + duration_width + 3 * 2;
  return palette.paint(Colour::dim, time + "  " + pad(trace, trace_digits)) + "  " +
         palette.paint(is_line ? colour : colour_of_type(type), pad(what, type_width)) +
         palette.paint(Colour::dim, right_aligned(duration, duration_width)) + "  " +
         palette.paint(colour, fit(text, width > used ? width - used : 1)) + "\n";
}

}  // namespace langfuse_cli
