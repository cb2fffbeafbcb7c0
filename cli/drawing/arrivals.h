// What `langfuse-cpp show --follow` asks for, again and again, and which part of the answers is
// new.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cli/terminal/terminal_text.h"
#include "receiver/base/json_text.h"

namespace langfuse_cli {

// The API filters by the start of an observation, which arrives when it ends. So each look goes
// back a minute, and every fifteenth ten: what ran longer than that is missed, unless one trace is
// followed, which is asked for as a whole.
class Arrivals {
 public:
  explicit Arrivals(bool is_one_trace) : is_one_trace_(is_one_trace) {}

  // The start, in ns since the Unix epoch, from which on the next look must ask; 0: from the
  // beginning. `now`: this machine's clock, which may differ from that of the programs.
  std::int64_t next_from(std::int64_t now);

  // Those of `found` that no look has found before, in the order in which they ended. Of those that
  // started before what the next looks can find, nothing is remembered.
  std::vector<langfuse_receiver::Json> take_new(std::vector<langfuse_receiver::Json> found);

 private:
  const bool is_one_trace_;
  std::size_t looks_ = 0;
  std::int64_t now_ = 0;
  std::int64_t newest_start_ = 0;                                // that is not in the future
  std::unordered_map<std::string, std::int64_t> start_of_seen_;  // by trace and observation
};

// One line, with the line break: when it ended (UTC), the trace's first digits, what it is, how
// long it took. A log line's text stands in the place of name and details.
std::string draw_arrival(const langfuse_receiver::Json& observation, const Palette& palette,
                         std::size_t width);

}  // namespace langfuse_cli
