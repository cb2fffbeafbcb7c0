#include "receiver/spans/known_keys.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <vector>

#include "receiver/base/text.h"

namespace langfuse_receiver {
namespace {

constexpr std::string_view known_keys[] = {
    "langfuse.environment",
    "langfuse.internal.as_root",
    "langfuse.internal.is_app_root",
    "langfuse.metadata",
    "langfuse.observation.completion_start_time",
    "langfuse.observation.cost_details",
    "langfuse.observation.input",
    "langfuse.observation.level",
    "langfuse.observation.metadata",
    "langfuse.observation.model.name",
    "langfuse.observation.model.parameters",
    "langfuse.observation.output",
    "langfuse.observation.prompt.name",
    "langfuse.observation.prompt.version",
    "langfuse.observation.status_message",
    "langfuse.observation.type",
    "langfuse.observation.usage_details",
    "langfuse.public",
    "langfuse.release",
    "langfuse.session.id",
    "langfuse.tags",
    "langfuse.trace.input",
    "langfuse.trace.metadata",
    "langfuse.trace.name",
    "langfuse.trace.output",
    "langfuse.trace.public",
    "langfuse.trace.tags",
    "langfuse.user.id",
    "langfuse.version",
};

// Followed by any name.
constexpr std::string_view families[] = {
    "langfuse.experiment.",
    "langfuse.metadata.",
    "langfuse.observation.metadata.",
    "langfuse.trace.metadata.",
};

// Longer keys are not compared: the time grows with the length.
constexpr std::size_t max_compared_length = 80;
// A key further away is another word, not a slip.
constexpr std::size_t max_distance = 2;

bool is_in_family(std::string_view key) {
  return std::any_of(std::begin(families), std::end(families), [key](std::string_view family) {
    return starts_with(key, family) && key.size() > family.size();
  });
}

// `known` is `key` and one more word.
bool is_cut_short(std::string_view known, std::string_view key) {
  return starts_with(known, key) && known.size() > key.size() && known[key.size()] == '.';
}

// How many characters must be inserted, removed or replaced to make one of the other.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

bool is_known_key(std::string_view key) {
  return !starts_with(key, "langfuse.") ||
         std::binary_search(std::begin(known_keys), std::end(known_keys), key) || is_in_family(key);
}

std::string key_advice(std::string_view key) {
  std::string_view nearest;
  std::size_t best = max_distance + 1;
  for (const std::string_view known : known_keys) {
    if (is_cut_short(known, key)) {
      return "did you mean " + std::string(known) + "?";
    }
    const std::size_t changes = key.size() > max_compared_length ? best : distance(key, known);
    if (changes < best) {
      best = changes;
      nearest = known;
    }
  }
  return nearest.empty() ? "send langfuse.observation.metadata.<name>"
                         : "did you mean " + std::string(nearest) + "?";
}

bool is_trace_key(std::string_view key) {
  return key == "user.id" || key == "session.id" || key == "langfuse.user.id" ||
         key == "langfuse.session.id" || key == "langfuse.tags" || key == "langfuse.public" ||
         starts_with(key, "langfuse.trace.");
}

bool is_reserved_metadata(std::string_view key) {
  return is_in_family(key) &&
         (key == "langfuse.observation.metadata.resourceAttributes" ||
          key == "langfuse.observation.metadata.scope" ||
          key == "langfuse.observation.metadata.attributes" ||
          key == "langfuse.trace.metadata.resourceAttributes" ||
          key == "langfuse.trace.metadata.scope" || key == "langfuse.trace.metadata.attributes");
}

}  // namespace langfuse_receiver
