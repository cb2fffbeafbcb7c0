#include "cli/drawing/trace_tree.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include "cli/drawing/observation_text.h"
#include "receiver/base/iso_time.h"
#include "receiver/base/text.h"

namespace langfuse_cli {
namespace {

using langfuse_receiver::Json;
using langfuse_receiver::lowered;

constexpr std::size_t bar_width = 24;
constexpr std::size_t time_width = 9;
constexpr std::size_t least_name_width = 28;
constexpr std::size_t trace_id_width = 32;
constexpr std::size_t indentation = 3;           // columns a level
constexpr std::size_t least_room_for_name = 12;  // right of the deepest indentation

struct Node {
  const Json* observation = nullptr;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::vector<std::size_t> children;
};

struct Row {
  std::size_t node = 0;
  std::string branches;  // "│  └─ "
};

struct Layout {
  std::size_t name_width = 0;
  std::size_t width = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
};

std::string plural(std::size_t count, const char* word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

// Observations whose parent is not there, for instance because it is still running, stand at the
// top.
std::vector<Node> make_tree(const std::vector<Json>& observations,
                            std::vector<std::size_t>& roots) {
  std::vector<Node> nodes(observations.size());
  std::map<std::string, std::size_t> by_id;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const Json& observation = observations[i];
    nodes[i].observation = &observation;
    nodes[i].start = start_of(observation);
    nodes[i].end = end_of(observation);
    by_id.emplace(text_of(observation, "id"), i);
  }
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const auto parent = by_id.find(text_of(observations[i], "parentObservationId"));
    if (parent == by_id.end() || parent->second == i) {
      roots.push_back(i);
    } else {
      nodes[parent->second].children.push_back(i);
    }
  }
  return nodes;
}

// Depth first with a stack of our own: a trace may be nested deeper than the machine's. Every
// observation is drawn exactly once, also where a program sent parents that form a circle. No row
// is indented further than `deepest` columns, so that names have room.
std::vector<Row> make_rows(const std::vector<Node>& nodes, const std::vector<std::size_t>& roots,
                           std::size_t deepest) {
  struct Open {
    std::size_t node;
    std::string branches;
    std::string below;  // what stands before the branches of its children
  };
  std::vector<Row> rows;
  std::vector<bool> drawn(nodes.size(), false);
  std::vector<Open> open;
  const auto draw_from = [&](std::size_t root) {
    open.push_back({root, "", ""});
    while (!open.empty()) {
      const Open current = std::move(open.back());
      open.pop_back();
      if (drawn[current.node]) {
        continue;
      }
      drawn[current.node] = true;
      rows.push_back({current.node, current.branches});
      const std::vector<std::size_t>& children = nodes[current.node].children;
      const bool deep = display_width(current.below) + 2 * indentation > deepest;
      for (std::size_t i = children.size(); i-- > 0;) {
        const bool last = i + 1 == children.size();
        open.push_back({children[i], current.below + (last ? "└─ " : "├─ "),
                        deep ? current.below : current.below + (last ? "   " : "│  ")});
      }
    }
  };
  for (const std::size_t root : roots) {
    draw_from(root);
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!drawn[i]) {
      draw_from(i);
    }
  }
  return rows;
}

// Where in the trace's time the observation lies.
std::string bar_of(const Node& node, const Layout& layout) {
  const double whole =
      std::max<double>(1.0, static_cast<double>(time_between(layout.start, layout.end)));
  const auto cell = [&](std::int64_t time) {
    // One that ends before it begins may end before the trace begins.
    const double share =
        std::max(0.0, static_cast<double>(time_between(layout.start, time)) / whole);
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(bar_width)));
  };
  const std::size_t first = std::min(cell(node.start), bar_width - 1);
  const std::size_t last = std::min(std::max(cell(node.end), first + 1), bar_width);
  std::string bar(first, ' ');
  for (std::size_t i = first; i < last; ++i) {
    bar += "━";
  }
  return bar.append(bar_width - last, ' ');
}

std::string draw_log_line(const Row& row, const Node& node, const Layout& layout,
                          const Palette& palette) {
  const Json& observation = *node.observation;
  const std::string level = text_of(observation, "level");
  const std::string word = text_of(observation, "name").substr(4);
  const std::string offset = offset_text(time_between(layout.start, node.start));
  const std::size_t offset_width = std::max(time_width, offset.size() + 1);
  const std::size_t columns =
      layout.name_width + 2 + type_width + 2 + bar_width + time_width - offset_width;
  const std::size_t before = display_width(row.branches);
  const std::string label = pad(word, 9);
  const std::size_t room = columns > before + 10 ? columns - before - 9 : 1;
  const Colour colour = colour_of_level(level);
  return palette.paint(Colour::dim, row.branches) +
         palette.paint(colour == Colour::none ? Colour::cyan : colour, label) +
         palette.paint(colour, pad(text_of(observation, "input"), room)) +
         palette.paint(Colour::dim, right_aligned(offset, offset_width)) + "\n";
}

std::string draw_observation(const Row& row, const Node& node, const Layout& layout,
                             const Palette& palette) {
  const Json& observation = *node.observation;
  const std::string type = text_of(observation, "type");
  const std::size_t before = display_width(row.branches);
  const std::size_t room = layout.name_width > before ? layout.name_width - before : 1;
  const bool failed = text_of(observation, "level") == "ERROR";
  const std::size_t used = layout.name_width + 2 + type_width + 2 + bar_width + time_width + 2;
  const std::string details =
      layout.width > used + 8 ? fit(details_of(observation), layout.width - used) : std::string{};
  std::string line =
      palette.paint(Colour::dim, row.branches) +
      palette.paint(failed ? Colour::red : Colour::bold, pad(name_with_level(observation), room)) +
      "  " + palette.paint(colour_of_type(type), pad(lowered(type), type_width)) + "  " +
      palette.paint(failed ? Colour::red : colour_of_type(type), bar_of(node, layout)) +
      right_aligned(duration_text(time_between(node.start, node.end)), time_width);
  if (!details.empty()) {
    line += "  " + palette.paint(failed ? Colour::red : Colour::dim, details);
  }
  return line + "\n";
}

bool is_root(const Json& observation) {
  return text_of(observation, "parentObservationId").empty();
}

// As the page has it: of several texts the one that was said last counts.
std::string newest_text(const std::vector<Json>& observations, const char* key) {
  std::string newest;
  std::int64_t at = 0;
  for (const Json& observation : observations) {
    std::string text = text_of(observation, key);
    const std::int64_t start = start_of(observation);
    if (!text.empty() && (newest.empty() || start > at || (start == at && text > newest))) {
      newest = std::move(text);
      at = start;
    }
  }
  return newest;
}

// As the page has it: the name that the trace was given, else that of its oldest root. A trace
// whose root is still running may have neither.
std::string title_of(const std::vector<Json>& observations) {
  if (std::string name = newest_text(observations, "traceName"); !name.empty()) {
    return name;
  }
  std::string oldest;
  std::int64_t at = 0;
  for (const Json& observation : observations) {
    const auto claims = observation.find("isRootObservation");
    const bool is_app_root = claims != observation.end() && *claims == Json(true);
    const std::string name = text_of(observation, "name");
    const std::int64_t start = start_of(observation);
    if ((is_root(observation) || is_app_root) && !name.empty() &&
        (oldest.empty() || start < at || (start == at && name < oldest))) {
      oldest = name;
      at = start;
    }
  }
  return oldest.empty() ? "(unnamed)" : oldest;
}

std::string draw_heading(const std::vector<Json>& observations, const Layout& layout,
                         const Palette& palette) {
  double tokens = 0;
  double cost = 0;
  std::size_t logs = 0;
  std::size_t errors = 0;
  for (const Json& observation : observations) {
    if (observation.contains("usageDetails")) {
      tokens += number_of(observation["usageDetails"], "total");
    }
    cost += number_of(observation, "totalCost");
    logs += is_log_line(observation) ? 1 : 0;
    errors += text_of(observation, "level") == "ERROR" ? 1 : 0;
  }
  std::string facts = langfuse_receiver::to_iso_time(layout.start);
  facts.replace(facts.find('T'), 1, " ").erase(facts.find('.'));
  facts += " UTC · " + duration_text(time_between(layout.start, layout.end));
  facts += " · " + plural(observations.size() - logs, "observation");
  facts += logs == 0 ? "" : " · " + plural(logs, "log line");
  if (tokens > 0) {
    facts += " · " + std::to_string(std::llround(tokens)) + " tokens";
  }
  if (cost > 0) {
    facts += " · " + cost_text(cost);
  }
  for (const auto& [label, key] :
       {std::pair{"user ", "userId"}, std::pair{"session ", "sessionId"}}) {
    if (const std::string text = newest_text(observations, key); !text.empty()) {
      facts += std::string(" · ") + label + text;
    }
  }
  const bool is_running = std::none_of(observations.begin(), observations.end(), is_root);
  std::string heading =
      palette.paint(Colour::bold, fit(title_of(observations), layout.width)) + "  " +
      palette.paint(Colour::dim, fit(text_of(observations.front(), "traceId"), trace_id_width)) +
      (is_running ? "  " + palette.paint(Colour::green, "running") : "") + "\n" +
      palette.paint(Colour::dim, fit(facts, layout.width));
  if (errors > 0) {
    heading += "  " + palette.paint(Colour::red, plural(errors, "error"));
  }
  return heading + "\n\n";
}

}  // namespace

std::string draw_trace(const std::vector<Json>& observations, const Palette& palette,
                       std::size_t width) {
  std::vector<std::size_t> roots;
  const std::vector<Node> nodes = make_tree(observations, roots);
  const std::size_t widest_name = std::max(least_name_width, width * 2 / 5);
  const std::vector<Row> rows = make_rows(nodes, roots, widest_name - least_room_for_name);
  Layout layout;
  layout.width = width;
  layout.start = nodes.front().start;
  layout.end = nodes.front().end;
  layout.name_width = least_name_width;
  for (const Row& row : rows) {
    const Node& node = nodes[row.node];
    layout.start = std::min(layout.start, node.start);
    layout.end = std::max(layout.end, node.end);
    if (!is_log_line(*node.observation)) {
      const std::size_t wanted =
          display_width(row.branches) + display_width(text_of(*node.observation, "name")) + 10;
      layout.name_width = std::max(layout.name_width, wanted);
    }
  }
  layout.name_width = std::min(layout.name_width, widest_name);
  std::string drawing = draw_heading(observations, layout, palette);
  for (const Row& row : rows) {
    const Node& node = nodes[row.node];
    drawing += is_log_line(*node.observation) ? draw_log_line(row, node, layout, palette)
                                              : draw_observation(row, node, layout, palette);
  }
  return drawing;
}

}  // namespace langfuse_cli
