// What an answer does to the batch that was sent: the part of `Exporter` that judges.

#include <algorithm>
#include <cstddef>
#include <utility>

#include "exporter/event_outcomes.h"
#include "exporter/exporter.h"
#include "exporter/partial_success.h"
#include "exporter/reply_body.h"
#include "exporter/trouble.h"
#include "model/diagnostics.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// The server has no such address, or no longer.
bool is_missing(const HttpReply& reply) noexcept {
  return reply.error.empty() && (reply.status == 404 || reply.status == 410);
}

bool has_json_body(const HttpReply& reply) noexcept {
  return reply.content_type.find("json") != std::string::npos;
}

}  // namespace

void Exporter::act_on(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled) {
  Verdict verdict = classify(reply);
  if (lane.endpoint == Endpoint::health) {
    act_on_health(lane, reply, settled);
    return;
  }
  if (lane.endpoint == Endpoint::ingestion && is_missing(reply)) {
    lane.endpoint = Endpoint::health;  // due at once
    return;
  }
  if (lane.endpoint == Endpoint::ingestion && verdict == Verdict::delivered &&
      reply.status == 207) {
    settle_events(lane, reply, settled);
    return;
  }
  if (lane.endpoint == Endpoint::scores && is_missing(reply)) {
    // In JSON: something that the score names is missing. Otherwise Langfuse has neither address,
    // and the search begins anew.
    verdict = has_json_body(reply) ? Verdict::drop : Verdict::hold;
  }
  switch (verdict) {
    case Verdict::delivered:
      settle_first(lane, reply, settled);
      return;
    case Verdict::retry:
    case Verdict::throttle:
    case Verdict::hold:
      try_again_later(lane, verdict, reply);
      if (lane.endpoint == Endpoint::scores && is_missing(reply)) {
        lane.endpoint = Endpoint::ingestion;
      }
      return;
    case Verdict::split:
      if (!make_smaller(lane)) drop_first(lane, {verdict, DropReason::too_large}, reply, settled);
      return;
    case Verdict::drop:
      drop_first(lane, {verdict, DropReason::rejected}, reply, settled);
      return;
  }
}

// After the server found the first batch too large. False when there is nothing left to cut.
bool Exporter::make_smaller(Lane& lane) {
  if (lane.batches.front().records.size() > 1) {
    // The next try cuts it. What is left of it is learned again if it is still too large.
    lane.body_limit = std::max<std::size_t>(lane.batches.front().records.bytes() / 2, 1);
    lane.deliveries_within_limit = 0;
    return true;
  }
  const std::size_t cut = lane.cut_only_record();
  if (cut == 0) return false;
  cut_texts_ += cut;
  report_debug("a record was cut to half its size, because the server finds it too large");
  return true;
}

void Exporter::drop_first(Lane& lane, Refusal refusal, const HttpReply& reply,
                          std::vector<Settlement>& settled) {
  note_trouble(describe_trouble(refusal.verdict, reply, address(lane),
                                lane.batches.front().records.size(), std::chrono::nanoseconds(0)));
  report(Diagnostic::Severity::error, last_trouble_);
  lane.drop_first(refusal.reason, settled);
}

// The server has no `ingestion`: either it is one that takes scores elsewhere, or it takes none.
void Exporter::act_on_health(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled) {
  const Verdict verdict = classify(reply);
  if (verdict == Verdict::retry || verdict == Verdict::throttle) {
    try_again_later(lane, verdict, reply);
  } else if (is_langfuse(reply)) {
    lane.endpoint = Endpoint::scores;
    report_debug("scores go to " + address(lane) + ", one a request");
  } else {
    note_trouble(describe_no_route(options_.scores_url, lane.waiting()));
    report(Diagnostic::Severity::error, last_trouble_);
    lane.is_off = true;
    lane.drop_all(DropReason::no_route, settled);
  }
}

// The server took the batch; a collector may say that it did not take all of it. Which records it
// means, it does not say, so that the last ones stand for them.
void Exporter::settle_first(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled) {
  PartialSuccess partial;
  if (lane.endpoint == Endpoint::traces) partial = read_partial_success(reply);
  Batch& batch = lane.batches.front();
  const auto rejected = static_cast<std::size_t>(
      std::min<std::uint64_t>(partial.rejected_spans, batch.records.size()));
  // First what becomes of each record, then the words, for which there may be no memory.
  if (rejected < batch.records.size()) {
    const RecordRuns taken = rejected == 0
                                 ? std::move(batch.records)
                                 : batch.records.take_first(batch.records.size() - rejected);
    add_settlement(settled, delivered(batch, taken));
  }
  if (rejected > 0) add_settlement(settled, dropped(batch, batch.records, DropReason::rejected));
  lane.batches.pop_front();
  note_success(lane);
  if (rejected > 0) {
    note_trouble(describe_refusal(address(lane), rejected, reply.status, partial.words));
    report(Diagnostic::Severity::error, last_trouble_);
  } else if (!partial.words.empty() && partial.words != lane.warning) {
    report(Diagnostic::Severity::warning, describe_warning(address(lane), partial.words));
    lane.warning = std::move(partial.words);
  }
}

// Each event has an answer of its own.
void Exporter::settle_events(Lane& lane, const HttpReply& reply, std::vector<Settlement>& settled) {
  EventOutcomes outcomes =
      sort_events(std::move(lane.batches.front()), read_event_replies(reply.body));
  // First what becomes of each record, then the words, for which there may be no memory.
  const bool is_any_left = !outcomes.rest.records.empty();
  if (!outcomes.accepted.empty()) {
    add_settlement(settled, delivered(outcomes.rest, outcomes.accepted));
  }
  if (!outcomes.refused.empty()) {
    add_settlement(settled, dropped(outcomes.rest, outcomes.refused, DropReason::rejected));
  }
  if (is_any_left) {
    lane.batches.front() = std::move(outcomes.rest);
  } else {
    lane.batches.pop_front();
  }
  if (!outcomes.refused.empty()) {
    note_trouble(describe_refusal(address(lane), outcomes.refused.size(),
                                  outcomes.first_refusal.status, outcomes.first_refusal.words));
    report(Diagnostic::Severity::error, last_trouble_);
  }
  if (!is_any_left) {
    note_success(lane);
    return;
  }
  HttpReply trouble = reply;
  trouble.status = outcomes.status;
  try_again_later(lane, outcomes.verdict, trouble);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
