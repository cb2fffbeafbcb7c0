#include "exporter/event_outcomes.h"

#include <utility>

#include "model/score_event.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Only `delivered`, `retry`, `throttle` and `drop`: what one event is told is about that event.
Verdict classify_event(int status) noexcept {
  HttpReply reply;
  reply.status = status;
  const Verdict verdict = classify(reply);
  return verdict == Verdict::hold || verdict == Verdict::split ? Verdict::drop : verdict;
}

}  // namespace

EventOutcomes sort_events(Batch batch, const EventReplies& replies) {
  EventOutcomes outcomes;
  outcomes.rest.route = batch.route;
  outcomes.rest.epoch = batch.epoch;
  const auto refuse = [&outcomes](RecordPtr record, const EventReply& why) {
    if (outcomes.refused.empty()) outcomes.first_refusal = why;
    outcomes.refused.push_back(std::move(record));
  };
  const auto keep = [&outcomes](RecordPtr record) {
    outcomes.rest.bytes += record->size;
    outcomes.rest.records.push_back(std::move(record));
  };
  for (RecordPtr& record : batch.records) {
    const auto reply = replies.find(event_id_of(record->bytes()));
    if (reply == replies.end()) {
      if (batch.is_in_doubt) {
        refuse(std::move(record), {207, "two answers did not say what became of it"});
      } else {
        outcomes.rest.is_in_doubt = true;
        keep(std::move(record));
      }
      continue;
    }
    const Verdict verdict = classify_event(reply->second.status);
    if (verdict == Verdict::delivered) {
      outcomes.accepted.push_back(std::move(record));
    } else if (verdict == Verdict::drop) {
      refuse(std::move(record), reply->second);
    } else {
      outcomes.status = reply->second.status;
      if (verdict == Verdict::throttle) outcomes.verdict = verdict;
      keep(std::move(record));
    }
  }
  return outcomes;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
