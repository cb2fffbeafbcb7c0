#include "exporter/event_outcomes.h"

#include <new>
#include <string_view>
#include <utility>

#include "model/score_layout.h"

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

// Without the words where there is no memory for them.
EventReply reply_of(int status, std::string_view words) noexcept {
  EventReply reply;
  reply.status = status;
  try {
    reply.words = words;
  } catch (const std::bad_alloc&) {
    reply.words.clear();
  }
  return reply;
}

}  // namespace

EventOutcomes sort_events(Batch&& batch, const EventReplies& replies) {
  EventOutcomes outcomes;
  outcomes.accepted.reserve(batch.records.size());
  outcomes.refused.reserve(batch.records.size());
  outcomes.rest.records.reserve(batch.records.size());
  // From here on nothing throws.
  outcomes.rest.route = batch.route;
  outcomes.rest.epoch = batch.epoch;
  const auto refuse = [&outcomes](const QueuedRecord& event, int status, std::string_view why) {
    if (outcomes.refused.empty()) outcomes.first_refusal = reply_of(status, why);
    outcomes.refused.push_back(event);
  };
  batch.records.hand_out([&](const QueuedRecord& event) {
    const auto reply = replies.find(event_id_of(event.record->bytes()));
    if (reply == replies.end()) {
      if (batch.is_in_doubt) {
        refuse(event, 207, "two answers did not say what became of it");
      } else {
        outcomes.rest.is_in_doubt = true;
        outcomes.rest.records.push_back(event);
      }
      return;
    }
    const Verdict verdict = classify_event(reply->second.status);
    if (verdict == Verdict::delivered) {
      outcomes.accepted.push_back(event);
    } else if (verdict == Verdict::drop) {
      refuse(event, reply->second.status, reply->second.words);
    } else {
      outcomes.status = reply->second.status;
      if (verdict == Verdict::throttle) outcomes.verdict = verdict;
      outcomes.rest.records.push_back(event);
    }
  });
  return outcomes;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
