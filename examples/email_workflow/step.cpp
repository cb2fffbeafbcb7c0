#include "examples/email_workflow/step.h"

#include <atomic>
#include <chrono>

#include "langfuse/langfuse.h"

namespace email_workflow {

void flush_step() noexcept {
  static std::atomic<bool> server_answers{true};
  const std::chrono::seconds patience{server_answers ? 2 : 0};
  server_answers = langfuse::flush(patience).ok();
}

}  // namespace email_workflow
