// The user's `Config::mask`, applied where a value enters the library, so that nothing unmasked is
// ever kept.
#pragma once

#include <cstddef>
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

// Where only the beginning of a text is kept, the mask sees it with so many bytes more than are
// sent: what it would have covered may go on behind the end. 0 without a mask.
std::size_t mask_margin(const Client& client) noexcept;

// `masked`, without what the mask left as it was at the end of `beginning`, which is all that is
// there of a longer text: the first part of a secret may stand there, at most `mask_margin` bytes.
std::string_view without_open_end(const Client& client, std::string_view beginning,
                                  std::string_view masked) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
