#include "tracing/propagation_reports.h"

#include <new>
#include <string>

#include "model/diagnostics.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

void report_propagation(std::string_view field, std::string_view problem) noexcept {
  try {
    report(Diagnostic::Severity::warning,
           std::string("propagate_attributes: ").append(field).append(problem));
  } catch (const std::bad_alloc&) {
    report(Diagnostic::Severity::warning, "propagate_attributes: a value is left out");
  }
}

void report_lost_propagation() noexcept {
  if (Client* const client = Client::current()) client->counters().lost_values.add();
  report(Diagnostic::Severity::warning,
         "no memory for what is to be propagated; some of it is left out");
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
