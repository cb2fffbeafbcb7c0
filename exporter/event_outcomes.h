// What an answer to a batch of events means for each of them: status 207 of the ingestion route.
#pragma once

#include <vector>

#include "exporter/lane.h"
#include "exporter/reply_body.h"
#include "exporter/retry_policy.h"
#include "model/record.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

struct EventOutcomes {
  std::vector<RecordPtr> accepted;
  std::vector<RecordPtr> refused;  // for good
  EventReply first_refusal;
  // What may still be taken, in order: refused for a while, or not named. What no answer names is
  // sent once more, since the server takes an event twice as one, and is then `refused`.
  Batch rest;
  Verdict verdict = Verdict::retry;  // on `rest`: `retry` or `throttle` …
  int status = 207;                  // … and why
};

// Sorts the records of `batch`, which has none afterwards. Throws for lack of memory, and has
// changed nothing then.
EventOutcomes sort_events(Batch&& batch, const EventReplies& replies);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
