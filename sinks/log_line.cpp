#include "langfuse/sinks/log_line.h"

#include <atomic>
#include <deque>
#include <new>
#include <string>
#include <vector>

#include "model/clock.h"
#include "model/cut_text.h"
#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "sinks/line_place.h"
#include "sinks/line_rate_limits.h"
#include "sinks/line_record.h"
#include "tracing/held_traces.h"
#include "tracing/masking.h"
#include "tracing/observation_lines.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// All lines of the process, in the order they were submitted: the server keeps milliseconds.
std::atomic<std::uint64_t> line_sequence{0};

// Says once what many lines cost. `number`: of the line among all of the process.
void watch_rate(std::uint64_t number) noexcept {
  constexpr std::uint64_t lines = 1024;
  static std::atomic<std::int64_t> last_ns{0};
  static std::atomic<bool> is_said{false};
  if (number % lines != 0) return;
  const std::int64_t now = steady_now_ns();
  const std::int64_t last = last_ns.exchange(now, std::memory_order_relaxed);
  constexpr std::int64_t lines_a_second = 100;
  constexpr std::int64_t time_of_lines =
      static_cast<std::int64_t>(lines) * 1'000'000'000 / lines_a_second;
  if (last == 0 || now - last > time_of_lines) return;
  if (is_said.exchange(true, std::memory_order_relaxed)) return;
  report(Diagnostic::Severity::warning,
         "more than 100 log lines a second: each is an observation, and on Langfuse Cloud every "
         "observation is billed (100 a second are 260 million a month); raise the sink's level, or "
         "set its max_per_second, max_per_call_site or into_observations");
}

bool hold(Client& client, const LogLine& line, const LinePlace& place,
          EncodedRecord encoded) noexcept {
  const HeldRecord about{place.parent.trace_id, line.severity >= Severity::error};
  return submit_or_hold(client, true, about, std::move(encoded));
}

bool submit_at(Client& client, const LogLine& line, const LinePlace& place,
               std::int64_t time_unix_nano) noexcept {
  if (place.is_dropped) {
    client.counters().dropped.add(DropReason::outside_scope);
    return false;
  }
  if (!place.sampling.is_sampled) {
    client.counters().sampled_out.add();
    return false;
  }
  const std::uint64_t number = line_sequence.fetch_add(1, std::memory_order_relaxed) + 1;
  watch_rate(number);
  EncodedRecord encoded = encode_line(client, line, place, time_unix_nano, number);
  if (place.sampling.is_undecided) return hold(client, line, place, std::move(encoded));
  if (encoded.record == nullptr || encoded.cut_texts > 0) return client.submit(std::move(encoded));
  return client.submit(std::move(encoded.record));
}

// A line of another thread, or of an earlier time.
[[gnu::noinline]] bool submit_from_elsewhere(Client& client, const LogLine& line,
                                             std::int64_t time_unix_nano) noexcept {
  Context past;
  return submit_at(client, line, find_place_elsewhere(client, line, time_unix_nano, past),
                   time_unix_nano);
}

bool add_to_observation(const LogLine& line, std::int64_t time_unix_nano) noexcept {
  return line.is_from_here && add_observation_line({time_unix_nano, severity_word(line.severity),
                                                    line.logger, line.message});
}

bool submit_readable(Client& client, const LogLine& line) noexcept {
  const std::int64_t time = line.time_unix_nano != 0 ? line.time_unix_nano : wall_now_ns();
  if (line.into_observations && add_to_observation(line, time)) return true;
  if (!line.is_from_here) return submit_from_elsewhere(client, line, time);
  return submit_at(client, line, find_place_here(client, line, time), time);
}

// What the user's mask leaves of the line.
[[gnu::noinline]] bool submit_masked(Client& client, const LogLine& line) noexcept {
  try {
    std::vector<LineField> fields(line.fields, line.fields + line.field_count);
    std::deque<MaskedText> values;
    for (LineField& field : fields) field.value = values.emplace_back(client, field.value).view();
    const MaskedText message(client, line.message);
    LogLine masked = line;
    masked.message = message.view();
    masked.fields = fields.data();
    return submit_readable(client, masked);
  } catch (const std::bad_alloc&) {
    client.counters().dropped.add(DropReason::out_of_memory);
    return false;
  }
}

}  // namespace

void count_held_back() noexcept {
  if (Client* const client = Client::current()) client->counters().rate_limited.add();
}

std::string example_text(std::string_view message) {
  constexpr std::size_t most = 200;  // bytes
  const Client* const client = Client::current();
  if (client == nullptr) return std::string();
  const MaskedText masked(*client, message);
  return repaired(masked.view(), most);
}

void submit_summary(const LogLine& line) noexcept {
  Client* const client = Client::current();
  if (client == nullptr) return;
  const std::int64_t time = wall_now_ns();
  submit_at(*client, line, place_of_summary(*client, time), time);
}

}  // namespace internal

bool submit(const LogLine& line) noexcept {
  using namespace internal;
  if (in_library()) return false;
  Client* const client = Client::current();
  if (client == nullptr) return false;
  return has_mask(*client) ? submit_masked(*client, line) : submit_readable(*client, line);
}

void wake() noexcept {
  internal::Client* const client = internal::Client::current();
  if (client != nullptr) client->wake();
}

}  // namespace v0_1
}  // namespace langfuse
