// Sorts a batch of events by the answer to each of them: status 207 of the ingestion route.
#pragma once

#include "exporter/lane.h"
#include "exporter/reply_body.h"
#include "exporter/retry_policy.h"
#include "storage/record_runs.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct EventOutcomes {
  RecordRuns accepted;
  RecordRuns refused;  // for good
  EventReply first_refusal;
  // The events to be sent again, in order: those refused for a while, and those that the answer
  // does not name. Sending again is safe, because the server stores an event with one id once. An
  // event that is not named a second time is then `refused`.
  Batch rest;
  Verdict verdict = Verdict::retry;  // on `rest`: `retry` or `throttle` …
  int status = 207;                  // … and why
};

// Sorts the records of `batch`, which is empty afterwards. Throws only for lack of memory; nothing
// is changed then.
EventOutcomes sort_events(Batch&& batch, const EventReplies& replies);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
