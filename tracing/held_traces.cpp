#include "tracing/held_traces.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <utility>

#include "model/diagnostics.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

namespace {

std::atomic<HeldTraces*> newest_traces{nullptr};

}  // namespace

HeldTraces* HeldTraces::of(Client& client) noexcept {
  HeldTraces* newest = newest_traces.load(std::memory_order_acquire);
  for (;;) {
    for (HeldTraces* each = newest; each != nullptr; each = each->older_) {
      if (&each->client_ == &client) return each;
    }
    if (newest != nullptr && newest->client_.number() > client.number()) return nullptr;
    std::unique_ptr<HeldTraces> made(new (std::nothrow) HeldTraces(client, newest));
    if (made == nullptr) return nullptr;
    if (newest_traces.compare_exchange_strong(newest, made.get(), std::memory_order_acq_rel)) {
      // Those of a parent's client are the parent's to release.
      if (newest != nullptr && !newest->client_.is_parents()) newest->forget_all();
      return made.release();
    }
  }
}

void HeldTraces::forget_all() noexcept {
  const MutexLock lock(mutex_);
  while (!traces_.empty()) forget(traces_.begin());
}

void HeldTraces::open(const TraceId& trace_id) noexcept {
  try {
    const MutexLock lock(mutex_);
    // A trace may have several local roots; the first one opened it.
    if (find(trace_id) != traces_.end()) return;
    traces_.push_back({trace_id, {}});
    make_room();
  } catch (const std::bad_alloc&) {
    // Then its records are sampled out, as they would be without this. Said without the lock: what
    // receives it is the user's code.
    report(Diagnostic::Severity::warning, "no memory to hold a trace outside the sample");
  }
}

bool HeldTraces::take(const HeldRecord& about, EncodedRecord record) noexcept {
  std::vector<RecordPtr> released;
  {
    const MutexLock lock(mutex_);
    const auto trace = find(about.trace_id);
    if (trace == traces_.end()) {
      client_.counters().sampled_out.add();
      return false;
    }
    if (about.is_error && !trace->is_released) {
      trace->is_released = true;
      released = std::move(trace->records);
      trace->records.clear();
      bytes_ -= std::exchange(trace->bytes, 0);
      client_.counters().held.subtract(released.size());
    }
    if (!trace->is_released) {
      if (about.ends_trace || record.record == nullptr) {
        client_.counters().sampled_out.add();
        if (about.ends_trace) forget(trace);
        return false;
      }
      if (record.cut_texts != 0) client_.counters().cut_texts.add(record.cut_texts);
      keep_record(record.record);  // where there is no memory for that, it stays where it is
      const std::size_t footprint = record.record->footprint();
      try {
        trace->records.push_back(std::move(record.record));
      } catch (const std::bad_alloc&) {
        client_.counters().dropped.add(DropReason::out_of_memory);
        return false;
      }
      trace->bytes += footprint;
      bytes_ += footprint;
      client_.counters().held.add();
      make_room();
      return true;
    }
    // A released trace stays known for what ends after its root, until there are too many such.
    if (about.ends_trace) {
      trace->is_over = true;
      make_room();
    }
  }
  for (RecordPtr& earlier : released) client_.submit(std::move(earlier));
  return client_.submit(std::move(record));
}

std::list<HeldTraces::Trace>::iterator HeldTraces::find(const TraceId& trace_id) noexcept {
  // The newest are asked for most.
  const auto found = std::find_if(traces_.rbegin(), traces_.rend(),
                                  [&](const Trace& trace) { return trace.id == trace_id; });
  return found == traces_.rend() ? traces_.end() : std::prev(found.base());
}

// What was held of it is sampled out after all.
void HeldTraces::forget(const std::list<Trace>::iterator& trace) noexcept {
  bytes_ -= trace->bytes;
  client_.counters().held.subtract(trace->records.size());
  client_.counters().sampled_out.add(trace->records.size());
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
void HeldTraces::make_room() noexcept {
  const Settings& settings = client_.settings();
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
  if (!is_undecided) return client.submit(std::move(record));
  if (HeldTraces* const traces = HeldTraces::of(client)) {
    return traces->take(about, std::move(record));
  }
  client.counters().sampled_out.add();
  return false;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
