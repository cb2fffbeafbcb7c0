// Finds what a real Langfuse server accepts and then silently loses or changes, so that the local
// receiver tells what no server tells. What a server refuses is no business of the linter: the
// decoders refuse it. Each rule is one line of a table: those about the span in `linter.cpp`, those
// about an attribute in `attribute_rules.cpp`. Pure functions, no storage.
// Sources of the rules: langfuse `OtelIngestionProcessor.ts`, `ObservationTypeMapper.ts` and
// `ingestion/types.ts`, v4.16.0, and the behaviour of running servers of versions 3.125 to 4.16.

#pragma once

#include <string>

#include "receiver/rows/observation_row.h"
#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// An array of sentences about `span`, of which `row` was made; empty if all of it arrives. Each
// begins with the field, and says what is lost, on which server, and what to send instead.
//
//   langfuse.observation.level = "info": servers before 4.0 drop the whole observation; send
//   DEBUG, DEFAULT, WARNING or ERROR
Json lint(const ReceivedSpan& span, const ObservationRow& row);

// The sentence about an observation whose parent `parent_span_id` is not in its trace. Only who
// sees the whole trace can say so: a parent ends after its children and arrives after them, often
// in another export, and sometimes from another process.
std::string missing_parent_warning(const std::string& parent_span_id);

}  // namespace langfuse_receiver
