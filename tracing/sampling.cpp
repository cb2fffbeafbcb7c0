#include "tracing/sampling.h"

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "model/diagnostics.h"
#include "pipeline/client.h"
#include "tracing/held_traces.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// What the sampler said of the newest traces, for those that come later and know only the trace: it
// may decide by the name of the root. A hash table in which a newer trace takes the place of an
// older one; a trace that lost its place is asked about anew.
class Decisions {
 public:
  static constexpr std::uint64_t is_kept = 1;
  static constexpr std::uint64_t is_of_root = 2;

  // What was decided; 0 (no flag, and no trace) when that is not known.
  std::uint64_t find(std::uint64_t trace) const noexcept {
    const std::uint64_t found = slot(trace).load(std::memory_order_relaxed);
    return is_of(found, trace) ? found : 0;
  }

  // What a root said stays for the trace alone; of several roots one is enough to keep it.
  void remember(std::uint64_t trace, std::uint64_t flags) noexcept {
    std::atomic<std::uint64_t>& place = slots_[index(trace)];
    std::uint64_t before = place.load(std::memory_order_relaxed);
    std::uint64_t after = 0;
    do {
      std::uint64_t known = is_of(before, trace) ? before & all_flags : 0;
      if ((flags & is_of_root) == 0 && (known & is_of_root) != 0) return;
      if ((flags & is_of_root) != 0 && (known & is_of_root) == 0) known = 0;
      after = (trace & ~all_flags) | known | flags;
    } while (!place.compare_exchange_weak(before, after, std::memory_order_relaxed));
  }

 private:
  static constexpr std::size_t size = 4096;
  static constexpr std::uint64_t all_flags = is_kept | is_of_root;

  static std::size_t index(std::uint64_t trace) noexcept { return trace >> 52; }
  static_assert(std::uint64_t{size} << 52 == 0);
  static bool is_of(std::uint64_t content, std::uint64_t trace) noexcept {
    return content != 0 && ((content ^ trace) & ~all_flags) == 0;
  }
  const std::atomic<std::uint64_t>& slot(std::uint64_t trace) const noexcept {
    return slots_[index(trace)];
  }

  std::atomic<std::uint64_t> slots_[size] = {};
};

Decisions decisions;

// Of the trace for this client. The finalizer of splitmix64, because traces of others may have ids
// that are anything but random.
std::uint64_t hash_of(const Client& client, const TraceId& trace_id) noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, trace_id.bytes, sizeof halves);
  std::uint64_t hash = client.salt();
  for (const std::uint64_t half : halves) {
    hash ^= half;
    hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ hash >> 27) * 0x94D049BB133111EBu;
    hash ^= hash >> 31;
  }
  return hash;
}

bool ask_sampler(const Client& client, const TraceId& trace_id, std::string_view root_name,
                 bool by_rate) noexcept {
  thread_local bool is_asking = false;
  if (is_asking) return by_rate;  // it observes something itself, and would be asked for ever
  is_asking = true;
  bool is_sampled = by_rate;
  const LibraryScope library_scope;
  try {
    is_sampled = client.settings().sampler({trace_id, root_name, by_rate});
  } catch (...) {  // user code: no type is known to be all it throws
    report(Diagnostic::Severity::warning,
           "the sampler threw an exception; the trace is sampled by the rate");
  }
  is_asking = false;
  return is_sampled;
}

// Whether rate and sampler keep the trace. `root_name`: null where only the trace is known.
bool is_kept(const Client& client, const TraceId& trace_id,
             const std::string_view* root_name) noexcept {
  const bool by_rate = is_sampled_by_rate(client.settings().sample_rate, trace_id);
  if (!client.settings().sampler) return by_rate;
  const std::uint64_t trace = hash_of(client, trace_id);
  if (root_name == nullptr) {
    const std::uint64_t known = decisions.find(trace);
    if (known != 0) return (known & Decisions::is_kept) != 0;
  }
  const std::string_view name = root_name == nullptr ? std::string_view() : *root_name;
  const bool is_kept = ask_sampler(client, trace_id, name, by_rate);
  std::uint64_t flags = root_name != nullptr ? Decisions::is_of_root : 0;
  if (is_kept) flags |= Decisions::is_kept;
  decisions.remember(trace, flags);
  return is_kept;
}

SamplingDecision enter(Client& client, const TraceId& trace_id,
                       const std::string_view* root_name) noexcept {
  const bool is_sampled = is_kept(client, trace_id, root_name);
  if (is_sampled || !client.settings().keep_on_error) return {is_sampled, false};
  if (HeldTraces* const traces = HeldTraces::of(client)) traces->open(trace_id);
  return {true, true};
}

}  // namespace

bool is_sampled_by_rate(double rate, const TraceId& trace_id) noexcept {
  if (rate >= 1) return true;
  std::uint64_t low = 0;
  for (int i = 8; i < 16; ++i) low = low << 8 | trace_id.bytes[i];
  // The greatest double below 1 gives 2^64 - 2^11, which an integer holds.
  return low < static_cast<std::uint64_t>(std::nearbyint(std::ldexp(rate, 64)));
}

SamplingDecision sampling_of_root(Client& client, const TraceId& trace_id,
                                  std::string_view name) noexcept {
  return enter(client, trace_id, &name);
}

SamplingDecision sampling_below(Client& client, const BorrowedContext& context) noexcept {
  if (!context.is_remote || !context.is_sampled) {
    if (context.is_undecided && is_open_in_parent(context.span.trace_id)) {
      // Held here until an error here: the parent holds what is its own.
      if (HeldTraces* const traces = HeldTraces::of(client)) traces->open(context.span.trace_id);
    }
    return {context.is_sampled, context.is_undecided};
  }
  return enter(client, context.span.trace_id, nullptr);
}

SamplingDecision sampling_of_trace(const Client& client, const TraceId& trace_id) noexcept {
  if (!trace_id.is_valid() || is_kept(client, trace_id, nullptr)) return {};
  return {client.settings().keep_on_error, true};
}

bool is_known_as_sampled(const BorrowedContext& context) noexcept {
  const Client* const client = Client::current();
  if (client == nullptr || !context.is_remote || !context.is_sampled) {
    return context.is_sampled && !context.is_undecided;
  }
  return is_kept(*client, context.span.trace_id, nullptr);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
