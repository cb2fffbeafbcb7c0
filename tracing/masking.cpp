#include "tracing/masking.h"

#include <algorithm>
#include <utility>

#include "model/diagnostics.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// The Python SDK's words.
constexpr std::string_view masked_after_failure = "<fully masked due to failed mask function>";
constexpr std::string_view masked_inside_mask = "<fully masked: set by the mask function>";

thread_local bool is_masking = false;

// The mask is running on this thread.
struct MaskingScope {
  const bool outer = std::exchange(is_masking, true);
  MaskingScope() noexcept = default;
  ~MaskingScope() { is_masking = outer; }
  MaskingScope(const MaskingScope&) = delete;
  MaskingScope& operator=(const MaskingScope&) = delete;
};

}  // namespace

MaskedText::MaskedText(const Client& client, std::string_view text) noexcept : view_(text) {
  const auto& mask = client.settings().mask;
  if (!mask) return;
  if (is_masking) {
    // A mask that is observed itself would mask its own values without end.
    view_ = masked_inside_mask;
    return;
  }
  const MaskingScope masking_scope;
  const LibraryScope library_scope;  // what the mask logs would be masked, too, and so on
  try {
    masked_ = mask(text);
    view_ = masked_;
  } catch (
      ...) {  // user code: no type is known to be all it throws, and nothing may leave unmasked
    view_ = masked_after_failure;
    report(Diagnostic::Severity::warning,
           "the mask threw an exception; the value is masked as a whole");
  }
}

bool has_mask(const Client& client) noexcept {
  return static_cast<bool>(client.settings().mask);
}

std::size_t mask_margin(const Client& client) noexcept {
  constexpr std::size_t longest_secret = 4096;
  return has_mask(client) ? longest_secret : 0;
}

std::string_view without_open_end(const Client& client, std::string_view beginning,
                                  std::string_view masked) noexcept {
  const std::size_t most = std::min({mask_margin(client), beginning.size(), masked.size()});
  const auto differing = std::mismatch(
      masked.rbegin(), masked.rbegin() + static_cast<std::ptrdiff_t>(most), beginning.rbegin());
  std::size_t size = static_cast<std::size_t>(masked.rend() - differing.first);
  const auto continues = [&] {
    return size < masked.size() && (static_cast<unsigned char>(masked[size]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && continues()) --size;
  return masked.substr(0, size);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
