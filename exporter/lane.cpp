#include "exporter/lane.h"

#include <algorithm>
#include <new>
#include <utility>

#include "model/record_cutter.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

Settlement delivered(const Batch& batch, const RecordRuns& records) noexcept {
  Settlement settlement;
  settlement.route = batch.route;
  settlement.epoch = batch.epoch;
  settlement.records = records.size();
  settlement.footprint = records.footprint();
  settlement.is_delivered = true;
  return settlement;
}

Settlement dropped(const Batch& batch, const RecordRuns& records, DropReason reason) noexcept {
  Settlement settlement = delivered(batch, records);
  settlement.is_delivered = false;
  settlement.reason = reason;
  return settlement;
}

void add_settlement(std::vector<Settlement>& settled, const Settlement& settlement) noexcept {
  try {
    settled.push_back(settlement);
  } catch (const std::bad_alloc&) {
    const auto same =
        std::find_if(settled.begin(), settled.end(), [&settlement](const Settlement& earlier) {
          return earlier.is_delivered == settlement.is_delivered &&
                 (earlier.is_delivered || earlier.reason == settlement.reason);
        });
    if (same == settled.end()) return;
    same->records += settlement.records;
    same->footprint += settlement.footprint;
  }
}

std::uint64_t Lane::waiting() const noexcept {
  std::uint64_t records = 0;
  for (const Batch& batch : batches) records += batch.records.size();
  return records;
}

std::uint64_t Lane::waiting(std::uint64_t epoch) const noexcept {
  std::uint64_t records = 0;
  for (const Batch& batch : batches) {
    if (batch.epoch <= epoch) records += batch.records.size();
  }
  return records;
}

SteadyTime Lane::next_try(SteadyTime waited_until) const noexcept {
  constexpr std::chrono::seconds between_calls{1};       // into the void
  constexpr std::chrono::milliseconds time_to_ask{500};  // before somebody's time is over
  if (pause != Pause::back_off || trouble == Trouble::none || waited_until <= failed_at) {
    return not_before;
  }
  SteadyTime next = not_before;
  if (trouble == Trouble::nobody) next = std::min(next, saturating_add(failed_at, between_calls));
  if (waited_until - failed_at > time_to_ask) next = std::min(next, waited_until - time_to_ask);
  return next;
}

bool Lane::is_news(int what) {
  if (std::find(said.begin(), said.end(), what) != said.end()) return false;
  said.push_back(what);
  return true;
}

void Lane::drop_first(DropReason reason, std::vector<Settlement>& settled) noexcept {
  add_settlement(settled, dropped(batches.front(), batches.front().records, reason));
  batches.pop_front();
}

void Lane::drop_all(DropReason reason, std::vector<Settlement>& settled) noexcept {
  while (!batches.empty()) drop_first(reason, settled);
}

void Lane::cut_first(std::size_t limit) {
  Batch& rest = batches.front();
  std::list<Batch> cut_off;
  Batch& head = cut_off.emplace_back();
  head.route = rest.route;
  head.epoch = rest.epoch;
  head.is_in_doubt = rest.is_in_doubt;
  const std::size_t records = std::min(rest.records.first_within(limit), rest.records.size() - 1);
  head.records = rest.records.take_first(records);
  // From here on nothing throws.
  batches.splice(batches.begin(), cut_off);
}

void Lane::trim() noexcept {
  if (is_in_flight || std::exchange(has_sent, false)) return;
  free_bodies();
}

// By a swap: the assignment of an empty string would keep the memory.
void Lane::free_bodies() noexcept {
  std::string().swap(body);
  std::string().swap(compressed);
}

std::size_t Lane::cut_only_record() {
  RecordRuns& records = batches.front().records;
  Record& record = records.front();
  const std::size_t cut = cut_record(record, record.size / 2);
  records.note_size_of_front();
  return cut;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
