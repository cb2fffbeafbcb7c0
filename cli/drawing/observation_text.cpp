#include "cli/drawing/observation_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "receiver/base/iso_time.h"

namespace langfuse_cli {

using langfuse_receiver::Json;

namespace {

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), pattern, values...);
  return {text.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), text.size() - 1)};
}

// The last time there is, or the first if `direction` is negative.
std::int64_t end_of_time(std::int64_t direction) {
  return direction < 0 ? std::numeric_limits<std::int64_t>::min()
                       : std::numeric_limits<std::int64_t>::max();
}

// The number that the library gives each line of a process, from 1. Servers make a number of it,
// the receiver keeps the text.
std::optional<std::uint64_t> sequence_of(const Json& observation) {
  const auto metadata = observation.find("metadata");
  if (!is_log_line(observation) || metadata == observation.end() || !metadata->is_object()) {
    return std::nullopt;
  }
  const auto sequence = metadata->find("sequence");
  if (sequence == metadata->end()) {
    return std::nullopt;
  }
  if (sequence->is_number_unsigned() || (sequence->is_number_integer() && *sequence >= Json(0))) {
    return sequence->get<std::uint64_t>();
  }
  const std::string text = text_of(*metadata, "sequence");
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = code == std::errc{} && end == text.data() + text.size();
  return is_number ? std::optional<std::uint64_t>(number) : std::nullopt;
}

}  // namespace

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

double number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::int64_t start_of(const Json& observation) {
  return langfuse_receiver::parse_iso_time(text_of(observation, "startTime")).value_or(0);
}

std::int64_t end_of(const Json& observation) {
  // A server may send anything: a time beyond 64 bits is clamped.
  const double latency = number_of(observation, "latency") * 1e9;
  constexpr double most = 9e18;
  const std::int64_t length = std::llround(std::clamp(latency, -most, most));
  std::int64_t end = 0;
  return __builtin_add_overflow(start_of(observation), length, &end) ? end_of_time(length) : end;
}

std::int64_t time_between(std::int64_t from, std::int64_t to) {
  std::int64_t difference = 0;
  return __builtin_sub_overflow(to, from, &difference) ? end_of_time(to) : difference;
}

std::string duration_text(std::int64_t nanoseconds) {
  const char* sign = nanoseconds < 0 ? "-" : "";
  const double seconds = std::fabs(static_cast<double>(nanoseconds)) / 1e9;
  if (seconds >= 60) {
    return format("%s%.0fm %02.0fs", sign, std::floor(seconds / 60),
                  std::fmod(std::floor(seconds), 60.0));
  }
  if (seconds >= 1) {
    return format("%s%.2f s", sign, seconds);
  }
  return format(seconds >= 0.01 ? "%s%.0f ms" : "%s%.2f ms", sign, seconds * 1000);
}

std::string offset_text(std::int64_t nanoseconds) {
  constexpr std::uint64_t millisecond = 1'000'000;
  constexpr std::uint64_t second = 1'000'000'000;
  const char* sign = nanoseconds < 0 ? "-" : "+";
  const std::uint64_t size = nanoseconds < 0
                                 ? std::uint64_t{0} - static_cast<std::uint64_t>(nanoseconds)
                                 : static_cast<std::uint64_t>(nanoseconds);
  const std::uint64_t unit = size < second ? millisecond : second;
  std::string fraction = std::to_string(unit + size % unit).substr(1);
  const std::size_t least = unit == second ? 3 : 0;  // milliseconds
  while (fraction.size() > least && fraction.compare(fraction.size() - 3, 3, "000") == 0) {
    fraction.resize(fraction.size() - 3);
  }
  return sign + std::to_string(size / unit) + (fraction.empty() ? "" : "." + fraction) +
         (unit == second ? " s" : " ms");
}

std::string cost_text(double dollars) {
  return dollars >= 1 ? format("$%.2f", dollars) : format("$%.6f", dollars);
}

Colour colour_of_type(const std::string& type) {
  static const std::map<std::string, Colour> colours{
      {"GENERATION", Colour::magenta}, {"EMBEDDING", Colour::magenta}, {"AGENT", Colour::cyan},
      {"TOOL", Colour::yellow},        {"CHAIN", Colour::cyan},        {"RETRIEVER", Colour::green},
      {"EVALUATOR", Colour::green},    {"GUARDRAIL", Colour::green},   {"SPAN", Colour::blue}};
  const auto found = colours.find(type);
  return found == colours.end() ? Colour::dim : found->second;
}

Colour colour_of_level(const std::string& level) {
  return level == "ERROR"     ? Colour::red
         : level == "WARNING" ? Colour::yellow
         : level == "DEBUG"   ? Colour::dim
                              : Colour::none;
}

bool is_log_line(const Json& observation) {
  return text_of(observation, "type") == "EVENT" &&
         text_of(observation, "name").compare(0, 4, "log.") == 0;
}

void order_lines(std::vector<Json>& observations, std::int64_t (*time_of)(const Json&)) {
  for (std::size_t begin = 0; begin < observations.size();) {
    const std::int64_t time = time_of(observations[begin]);
    std::vector<std::size_t> places;
    std::vector<std::pair<std::uint64_t, Json>> lines;
    std::size_t end = begin;
    for (; end < observations.size() && time_of(observations[end]) == time; ++end) {
      if (const auto sequence = sequence_of(observations[end])) {
        places.push_back(end);
        lines.emplace_back(*sequence, std::move(observations[end]));
      }
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& one, const auto& other) { return one.first < other.first; });
    for (std::size_t i = 0; i < lines.size(); ++i) {
      observations[places[i]] = std::move(lines[i].second);
    }
    begin = end;
  }
}

std::string name_with_level(const Json& observation) {
  const std::string level = text_of(observation, "level");
  std::string name = text_of(observation, "name");
  return level == "DEFAULT" || level.empty() ? name : name + " [" + level + "]";
}

std::string details_of(const Json& observation) {
  std::string details = text_of(observation, "model");
  if (details.empty()) {
    details = text_of(observation, "providedModelName");  // as servers before 4.16 call it
  }
  const auto append = [&details](const std::string& text) {
    if (!text.empty()) {
      details += (details.empty() ? "" : " · ") + text;
    }
  };
  const auto usage = observation.find("usageDetails");
  if (usage != observation.end() && usage->is_object() && !usage->empty()) {
    double input = 0;
    double output = 0;
    for (const auto& [key, value] : usage->items()) {
      const double count = value.is_number() ? value.get<double>() : 0.0;
      input += key.compare(0, 5, "input") == 0 ? count : 0.0;
      output += key.compare(0, 6, "output") == 0 ? count : 0.0;
    }
    append(format("%.0f → %.0f tokens", input, output));
  }
  if (const double cost = number_of(observation, "totalCost"); cost > 0) {
    append(cost_text(cost));
  }
  append(text_of(observation, "statusMessage"));
  return details;
}

std::string right_aligned(const std::string& text, std::size_t width) {
  const std::size_t used = display_width(text);
  return used < width ? std::string(width - used, ' ') + text : text;
}

}  // namespace langfuse_cli
