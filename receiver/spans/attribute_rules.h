// The linter's rules about single attributes: one line of a table each, and a few that hold for
// every key.

#pragma once

#include "receiver/rows/observation_row.h"
#include "receiver/spans/lint_warnings.h"
#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// `row` is what became of the span that `attribute` is of.
void lint_attribute(const Attribute& attribute, const ObservationRow& row, LintWarnings& warnings);

}  // namespace langfuse_receiver
