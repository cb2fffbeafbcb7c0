#include "tracing/held_traces.h"

#include <algorithm>
#include <new>
#include <utility>

#include "model/diagnostics.h"
#include "model/never_destroyed.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

HeldTraces& HeldTraces::instance() {
  static NeverDestroyed<HeldTraces> instance;
  return instance.get();
}

void HeldTraces::open(Client& client, const TraceId& trace_id) noexcept {
  try {
    const std::lock_guard<std::mutex> lock(mutex_);
    // A trace may have several local roots; the first one opened it.
    if (find(client, trace_id) != traces_.end()) return;
    traces_.push_back({&client, trace_id, {}});
    make_room(client);
  } catch (const std::bad_alloc&) {
    // Then its records are sampled out, as they would be without this. Said without the lock: what
    // receives it is the user's code.
    report(Diagnostic::Severity::warning, "no memory to hold a trace outside the sample");
  }
}

bool HeldTraces::take(Client& client, const HeldRecord& about, EncodedRecord record) noexcept {
  std::vector<RecordPtr> released;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto trace = find(client, about.trace_id);
    if (trace == traces_.end()) {
      client.count_sampled_out();
      return false;
    }
    if (about.is_error && !trace->is_released) {
      trace->is_released = true;
      released = std::move(trace->records);
      trace->records.clear();
      bytes_ -= std::exchange(trace->bytes, 0);
      client.count_held(-static_cast<std::int64_t>(released.size()));
    }
    if (!trace->is_released) {
      if (about.ends_trace || record.record == nullptr) {
        client.count_sampled_out();
        if (about.ends_trace) forget(trace);
        return false;
      }
      if (record.cut_texts != 0) client.count_cut(record.cut_texts);
      const std::size_t footprint = record.record->footprint();
      try {
        trace->records.push_back(std::move(record.record));
      } catch (const std::bad_alloc&) {
        client.count_drop(DropReason::out_of_memory);
        return false;
      }
      trace->bytes += footprint;
      bytes_ += footprint;
      client.count_held(1);
      make_room(client);
      return true;
    }
    // A released trace stays known for what ends after its root, until there are too many such.
    if (about.ends_trace) {
      trace->is_over = true;
      make_room(client);
    }
  }
  for (RecordPtr& earlier : released) client.submit(std::move(earlier));
  return client.submit(std::move(record));
}

std::list<HeldTraces::Trace>::iterator HeldTraces::find(const Client& client,
                                                        const TraceId& trace_id) noexcept {
  // The newest are asked for most.
  const auto found = std::find_if(traces_.rbegin(), traces_.rend(), [&](const Trace& trace) {
    return trace.id == trace_id && trace.client == &client;
  });
  return found == traces_.rend() ? traces_.end() : std::prev(found.base());
}

// What was held of it is sampled out after all.
void HeldTraces::forget(const std::list<Trace>::iterator& trace) noexcept {
  bytes_ -= trace->bytes;
  trace->client->count_held(-static_cast<std::int64_t>(trace->records.size()));
  for (std::size_t i = 0; i < trace->records.size(); ++i) trace->client->count_sampled_out();
  traces_.erase(trace);
}

template <class Is>
bool HeldTraces::forget_oldest(Is is) noexcept {
  const auto oldest = std::find_if(traces_.begin(), traces_.end(), is);
  if (oldest == traces_.end()) return false;
  forget(oldest);
  return true;
}

template <class Is>
std::size_t HeldTraces::count(Is is) const noexcept {
  return static_cast<std::size_t>(std::count_if(traces_.begin(), traces_.end(), is));
}

// What was released and goes on takes no room: it is as many as the program has open.
void HeldTraces::make_room(const Client& client) noexcept {
  const Settings& settings = client.settings();
  const auto is_held = [](const Trace& trace) { return !trace.is_released; };
  const auto is_over = [](const Trace& trace) { return trace.is_over; };
  while ((bytes_ > settings.held_max_bytes || count(is_held) > settings.held_max_traces) &&
         forget_oldest(is_held)) {
  }
  while (count(is_over) > settings.held_max_traces && forget_oldest(is_over)) {
  }
}

bool submit_or_hold(Client& client, bool is_undecided, const HeldRecord& about,
                    EncodedRecord record) noexcept {
  return is_undecided ? HeldTraces::instance().take(client, about, std::move(record))
                      : client.submit(std::move(record));
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
