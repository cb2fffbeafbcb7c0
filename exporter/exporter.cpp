#include "exporter/exporter.h"

#include <algorithm>
#include <limits>
#include <new>

#include "exporter/body.h"
#include "exporter/trouble.h"
#include "model/diagnostics.h"
#include "model/version.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
constexpr int most_failures = 32;             // far beyond where the back-off stops growing
constexpr int successes_until_trust = 3;      // in a row, before failures are forgotten
constexpr int deliveries_per_increase = 100;  // of a learned body limit

std::size_t size_of(const std::vector<RecordPtr>& records) noexcept {
  std::size_t size = 0;
  for (const RecordPtr& record : records) size += record->size;
  return size;
}

Settlement settlement_of(const Batch& batch) noexcept {
  Settlement settlement;
  settlement.route = batch.route;
  settlement.epoch = batch.epoch;
  settlement.records = batch.records.size();
  for (const RecordPtr& record : batch.records) settlement.footprint += record->footprint();
  return settlement;
}

}  // namespace

struct Exporter::Lane {
  explicit Lane(Route lane_route) : route(lane_route) {}

  std::uint64_t waiting() const noexcept {
    std::uint64_t records = 0;
    for (const Batch& batch : batches) records += batch.records.size();
    return records;
  }

  // The first time since the last delivery that this is said?
  bool is_news(int what) {
    if (std::find(said.begin(), said.end(), what) != said.end()) return false;
    said.push_back(what);
    return true;
  }

  void settle_first(std::vector<Settlement>& settled, bool is_delivered, DropReason reason,
                    const HttpReply& reply);
  void cut_first(std::size_t limit);

  const Route route;
  std::deque<Batch> batches;  // the first one is in flight, or next
  bool is_in_flight = false;
  std::string body;        // reused
  std::string compressed;  // reused
  std::size_t sent_bytes = 0;

  SteadyTime not_before = SteadyTime::min();
  bool may_probe = true;  // false: the server named the time, or refused the keys
  int failures = 0;
  int successes_in_row = 0;
  int holds_in_row = 0;
  std::vector<int> said;  // what was reported since the last delivery, by status; 0: back-off

  // What the way to the server takes in one body, in bytes of records, as learned from a 413.
  std::size_t body_limit = no_limit;
  int deliveries_within_limit = 0;
};

// `reply`: to the request that settles it; with neither status nor error where there was none.
void Exporter::Lane::settle_first(std::vector<Settlement>& settled, bool is_delivered,
                                  DropReason reason, const HttpReply& reply) {
  Settlement settlement = settlement_of(batches.front());
  settlement.is_delivered = is_delivered;
  settlement.reason = reason;
  settlement.status = reply.status;
  settlement.sent_bytes = reply.status != 0 ? sent_bytes : 0;
  settlement.duration = reply.duration;
  settled.push_back(settlement);
  batches.pop_front();
}

// Makes two batches of the first one: as many records as `limit` bytes hold, at least one, and the
// rest behind them. REQUIRES: it has more than one record and more than `limit` bytes.
void Exporter::Lane::cut_first(std::size_t limit) {
  Batch& rest = batches.front();
  Batch head;
  head.route = rest.route;
  head.epoch = rest.epoch;
  const auto cut = std::find_if(rest.records.begin(), rest.records.end() - 1,
                                [&head, limit](const RecordPtr& record) {
                                  if (head.bytes > 0 && head.bytes + record->size > limit) {
                                    return true;
                                  }
                                  head.bytes += record->size;
                                  return false;
                                });
  head.records.reserve(static_cast<std::size_t>(cut - rest.records.begin()));
  std::move(rest.records.begin(), cut, std::back_inserter(head.records));
  rest.records.erase(rest.records.begin(), cut);
  rest.bytes = size_of(rest.records);
  batches.push_front(std::move(head));
}

Exporter::Exporter(ExporterOptions options, HttpTransport& transport, const TimeSource& time)
    : options_(std::move(options)),
      header_(options_.resource, version_text, options_.public_key),
      transport_(transport),
      time_(time),
      policy_(options_.random_seed) {
  for (const Route route : {Route::spans, Route::scores}) {
    lanes_.push_back(std::make_unique<Lane>(route));
  }
}

Exporter::~Exporter() {
  // The transport reads the bodies that go down with us.
  if (std::any_of(lanes_.begin(), lanes_.end(),
                  [](const auto& lane) { return lane->is_in_flight; })) {
    transport_.cancel_all();
  }
}

void Exporter::add(Batch batch) {
  lanes_[static_cast<std::size_t>(batch.route)]->batches.push_back(std::move(batch));
}

void Exporter::poll(std::vector<Settlement>& settled) {
  for (const auto& lane : lanes_) {
    collect(*lane, settled);
    if (!lane->is_in_flight && !lane->batches.empty() && lane->not_before <= time_.now()) {
      send_first(*lane);
    }
  }
}

SteadyTime Exporter::due() const {
  SteadyTime due = SteadyTime::max();
  for (const auto& lane : lanes_) {
    if (!lane->is_in_flight && !lane->batches.empty()) due = std::min(due, lane->not_before);
  }
  return due;
}

void Exporter::probe() {
  for (const auto& lane : lanes_) {
    if (lane->may_probe) lane->not_before = SteadyTime::min();
  }
}

std::uint64_t Exporter::unsettled(std::uint64_t epoch) const {
  std::uint64_t records = 0;
  for (const auto& lane : lanes_) {
    for (const Batch& batch : lane->batches) {
      if (batch.epoch <= epoch) records += batch.records.size();
    }
  }
  return records;
}

void Exporter::abandon(std::vector<Settlement>& settled) {
  // An answer that is already here still counts.
  for (const auto& lane : lanes_) collect(*lane, settled);
  transport_.cancel_all();
  for (const auto& lane : lanes_) {
    lane->is_in_flight = false;
    while (!lane->batches.empty()) {
      lane->settle_first(settled, false, DropReason::at_shutdown, HttpReply());
    }
  }
}

std::uint64_t Exporter::requests() const {
  return requests_;
}

void Exporter::collect(Lane& lane, std::vector<Settlement>& settled) {
  HttpReply reply;
  if (!lane.is_in_flight || !transport_.finished(lane.route, reply)) return;
  lane.is_in_flight = false;
  ++requests_;
  if (is_debugging()) report_debug(describe_request(reply, address(lane), lane.sent_bytes));
  act_on(lane, reply, settled);
}

void Exporter::send_first(Lane& lane) {
  if (lane.batches.front().records.size() > 1 &&
      size_of(lane.batches.front().records) > lane.body_limit) {
    lane.cut_first(lane.body_limit);
  }
  try {
    bool is_gzip = false;
    const std::string_view body = build_body(lane, is_gzip);
    lane.sent_bytes = body.size();
    transport_.start(lane.route, body, is_gzip);
    lane.is_in_flight = true;
  } catch (const std::bad_alloc&) {
    // As with any other trouble, the records stay and the next try may find more memory.
    lane.body = std::string();
    lane.compressed = std::string();
    HttpReply reply;
    reply.error = "no memory";
    try_again_later(lane, Verdict::retry, reply);
  }
}

std::string_view Exporter::build_body(Lane& lane, bool& is_gzip) {
  const std::vector<RecordPtr>& records = lane.batches.front().records;
  if (lane.route == Route::scores) {
    // This route takes no gzip.
    build_scores_body(options_.public_key, records, lane.body);
    return lane.body;
  }
  build_spans_body(header_, records, lane.body);
  is_gzip = options_.compression == Compression::gzip && gzip_.compress(lane.body, lane.compressed);
  return is_gzip ? lane.compressed : lane.body;
}

void Exporter::act_on(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled) {
  const Verdict verdict = classify(reply);
  switch (verdict) {
    case Verdict::delivered:
      settle_delivered(lane, reply, settled);
      return;
    case Verdict::retry:
    case Verdict::throttle:
    case Verdict::hold:
      try_again_later(lane, verdict, reply);
      return;
    case Verdict::split:
      if (lane.batches.front().records.size() > 1) {
        // The next try cuts it. What is left of it is learned again if it is still too large.
        lane.body_limit = std::max<std::size_t>(size_of(lane.batches.front().records) / 2, 1);
        lane.deliveries_within_limit = 0;
        return;
      }
      note_trouble(describe_trouble(verdict, reply, address(lane), 1, std::chrono::nanoseconds(0)));
      report(Diagnostic::Severity::error, last_trouble_);
      lane.settle_first(settled, false, DropReason::too_large, reply);
      return;
    case Verdict::drop:
      note_trouble(describe_trouble(verdict, reply, address(lane),
                                    lane.batches.front().records.size(),
                                    std::chrono::nanoseconds(0)));
      report(Diagnostic::Severity::error, last_trouble_);
      lane.settle_first(settled, false, DropReason::rejected, reply);
      return;
  }
}

void Exporter::settle_delivered(Lane& lane, const HttpReply& reply,
                                std::vector<Settlement>& settled) {
  lane.settle_first(settled, true, DropReason::rejected, reply);
  if (!lane.said.empty()) report_debug(address(lane) + " works again");
  lane.said.clear();
  lane.holds_in_row = 0;
  lane.may_probe = true;
  if (++lane.successes_in_row >= successes_until_trust) lane.failures = 0;
  if (lane.body_limit != no_limit && ++lane.deliveries_within_limit == deliveries_per_increase) {
    lane.deliveries_within_limit = 0;
    lane.body_limit += std::min(lane.body_limit / 10 + 1, no_limit - lane.body_limit);
  }
}

void Exporter::try_again_later(Lane& lane, Verdict verdict, const HttpReply& reply) {
  lane.successes_in_row = 0;
  lane.may_probe = true;
  std::chrono::nanoseconds wait{0};
  if (verdict == Verdict::hold) {
    wait = RetryPolicy::hold(reply.status, ++lane.holds_in_row);
    lane.may_probe = reply.status != 401;
  } else {
    lane.failures = std::min(lane.failures + 1, most_failures);
    if (reply.retry_after_seconds >= 0) {
      wait = policy_.requested(reply.retry_after_seconds);
      lane.may_probe = false;
    } else if (verdict == Verdict::throttle) {
      wait = policy_.throttle(lane.failures);
    } else {
      wait = policy_.back_off(lane.failures);
    }
  }
  lane.not_before = saturating_add(time_.now(), wait);
  note_trouble(describe_trouble(verdict, reply, address(lane), lane.waiting(), wait));
  if (lane.is_news(verdict == Verdict::hold ? reply.status : 0)) {
    report(verdict == Verdict::hold ? Diagnostic::Severity::error : Diagnostic::Severity::warning,
           last_trouble_);
  }
}

void Exporter::note_trouble(std::string text) {
  last_trouble_ = std::move(text);
  ++troubles_;
}

const std::string& Exporter::address(const Lane& lane) const noexcept {
  return lane.route == Route::spans ? options_.traces_url : options_.scores_url;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
