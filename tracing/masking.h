// The user's `Config::mask`, applied where a value enters the library, so that nothing unmasked is
// ever kept.
#pragma once

#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

class Client;

// What the mask makes of a text; the text itself when there is no mask. A mask that throws masks
// everything, and what the mask itself sets is masked as a whole.
class MaskedText {
 public:
  MaskedText(const Client& client, std::string_view text) noexcept;
  MaskedText(const MaskedText&) = delete;
  MaskedText& operator=(const MaskedText&) = delete;

  // As long as this object and the original text.
  std::string_view view() const noexcept { return view_; }

 private:
  std::string masked_;
  std::string_view view_;
};

bool has_mask(const Client& client) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
