// The repeated requests of `langfuse-cpp show --follow`, and the new part of their answers.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cli/terminal/terminal_text.h"
#include "receiver/base/json_text.h"

namespace langfuse_cli {

// The API filters by the start of an observation, which arrives when it ends. So each request goes
// back a minute, and every fifteenth one ten minutes. Observations that took longer are missed,
// unless one trace is followed, which is always requested as a whole.
class Arrivals {
 public:
  explicit Arrivals(bool is_one_trace) : is_one_trace_(is_one_trace) {}

  // The earliest start, in ns since the Unix epoch, that the next request must ask for; 0: from the
  // beginning. `now`: this machine's clock, which may differ from that of the programs.
  std::int64_t next_from(std::int64_t now);

  // The observations in `found` that are new, in the order in which they ended. Observations that
  // the next requests cannot find any more are forgotten.
  std::vector<langfuse_receiver::Json> take_new(std::vector<langfuse_receiver::Json> found);

 private:
  const bool is_one_trace_;
  std::size_t looks_ = 0;
  std::int64_t now_ = 0;
  std::int64_t newest_start_ = 0;                                // that is not in the future
  std::unordered_map<std::string, std::int64_t> start_of_seen_;  // by trace and observation
};

// One line, with the line break: time of the end (UTC), the first digits of the trace, type,
// duration, name and details. For a log line, its text replaces name and details.
std::string draw_arrival(const langfuse_receiver::Json& observation, const Palette& palette,
                         std::size_t width);

}  // namespace langfuse_cli
