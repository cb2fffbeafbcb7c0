#include "sinks/line_image.h"

#include <type_traits>

#include "model/cut_text.h"
#include "model/record_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

static_assert(std::is_trivially_destructible<KeptImage>::value);
thread_local KeptImage of_this_thread = {};

constexpr SequenceAttribute sequence;

}  // namespace

KeptImage& kept_image() noexcept {
  return of_this_thread;
}

bool KeptImage::keep(const Client& of, const LogLine& line) noexcept {
  client = 0;
  const Text name(line.logger, of.settings().value_max_bytes);
  if (line.logger.size() > longest_logger || name.is_cut()) return false;

  std::memcpy(bytes, span_head.view().data(), span_head.size());
  AttributeWriter writer(sequence.write(bytes + span_head.size()), room - origin_at);
  writer.write(optional_text(keys::line_logger, name));
  if (line.thread_id != 0) writer.write(UnsignedAttribute(keys::line_thread, line.thread_id));
  writer.write(FinishedAttributes(of.release_attribute()));
  size_without_environment = static_cast<std::size_t>(writer.out() - bytes);
  writer.write(FinishedAttributes(of.environment_attribute()));
  if (!writer.is_in_bounds()) return false;

  size = static_cast<std::size_t>(writer.out() - bytes);
  thread_id = line.thread_id;
  logger_size = line.logger.copy(logger, longest_logger);
  client = of.number() + 1;
  return true;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
