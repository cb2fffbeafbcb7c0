#include "sinks/process_root.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "model/attribute_keys.h"
#include "pipeline/client.h"
#include "storage/span_record.h"
#include "tracing/observation_record.h"
#include "tracing/observation_type.h"
#include "tracing/trace_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr int line_bits = 10;
constexpr int number_bits = 14;
constexpr int client_bits = 8;
constexpr std::uint64_t mask_of(int bits) {
  return (std::uint64_t{1} << bits) - 1;
}
static_assert(ProcessRoots::lines_a_root <= mask_of(line_bits));

// Never 0. The finalizer of splitmix64.
std::uint64_t mixed(std::uint64_t value) noexcept {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
  value = (value ^ value >> 27) * 0x94D049BB133111EBu;
  value ^= value >> 31;
  return value == 0 ? 1 : value;
}

// Of the root with this number.
SpanContext ids_of(std::uint64_t seed, std::uint64_t root) noexcept {
  const std::uint64_t base = seed + root * 3 * 0x9E3779B97F4A7C15u;
  const std::uint64_t words[3] = {mixed(base), mixed(base + 0x9E3779B97F4A7C15u),
                                  mixed(base + 2 * 0x9E3779B97F4A7C15u)};
  SpanContext result;
  std::memcpy(result.trace_id.bytes, words, 16);
  std::memcpy(result.span_id.bytes, words + 2, 8);
  return result;
}

std::int64_t whole_seconds(std::int64_t unix_nano) noexcept {
  return std::clamp<std::int64_t>(unix_nano / 1'000'000'000, 0,
                                  std::numeric_limits<std::uint32_t>::max());
}

void submit_root(Client& client, const SpanContext& root, std::int64_t time_unix_nano) noexcept {
  const Settings& settings = client.settings();
  const TraceAttributes trace(client, nullptr);
  const Text name(settings.service_name.empty() ? unnamed : settings.service_name,
                  settings.value_max_bytes);
  if (name.is_cut()) client.counters().cut_texts.add();
  SpanFields fields;
  fields.trace_id = root.trace_id;
  fields.span_id = root.span_id;
  fields.name = name;
  fields.start_unix_nano = time_unix_nano;
  fields.end_unix_nano = time_unix_nano;
  client.submit(encode_span(fields, settings.record_max_bytes,
                            type_attribute(ObservationType::span), level_attribute(Level::info),
                            TextAttribute(keys::trace_name, name), keys::is_app_root, trace));
}

}  // namespace

ProcessRoots::Place ProcessRoots::place(std::uint64_t client, std::uint64_t seed,
                                        std::int64_t time_unix_nano) noexcept {
  const std::int64_t now = whole_seconds(time_unix_nano);
  client &= mask_of(client_bits);
  std::uint64_t old = packed_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  bool is_new = false;
  do {
    const std::uint64_t count = old & mask_of(line_bits);
    const std::uint64_t client_before = old >> (line_bits + number_bits) & mask_of(client_bits);
    const auto opened = static_cast<std::int64_t>(old >> (line_bits + number_bits + client_bits));
    is_new = client != client_before || count == 0 || count >= lines_a_root ||
             now - opened >= seconds_a_root;
    if (is_new) {
      const std::uint64_t number = (old >> line_bits) + 1;
      next = static_cast<std::uint64_t>(now) << (line_bits + number_bits + client_bits) |
             client << (line_bits + number_bits) | (number & mask_of(number_bits)) << line_bits | 1;
    } else {
      next = old + 1;
    }
  } while (!packed_.compare_exchange_weak(old, next, std::memory_order_relaxed));
  return {ids_of(seed, next >> line_bits), is_new};
}

SpanContext process_root(Client& client, std::int64_t time_unix_nano) noexcept {
  static ProcessRoots roots;
  const ProcessRoots::Place place = roots.place(client.number(), client.salt(), time_unix_nano);
  if (place.is_new) submit_root(client, place.root, time_unix_nano);
  return place.root;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
