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

// A text after the mask; the text itself when there is no mask. If the mask throws, the whole text
// is masked. Text that the mask itself sets is masked as a whole.
class MaskedText {
 public:
  MaskedText(const Client& client, std::string_view text) noexcept;
  MaskedText(const MaskedText&) = delete;
  MaskedText& operator=(const MaskedText&) = delete;

  // Valid as long as this object and the original text.
  std::string_view view() const noexcept { return view_; }

 private:
  std::string masked_;
  std::string_view view_;
};

bool has_mask(const Client& client) noexcept;

// The number of bytes beyond the kept beginning of a long text that the mask also sees, because a
// match may go on behind the end. 0 without a mask.
std::size_t mask_margin(const Client& client) noexcept;

// `masked`, without the unmasked end of `beginning`, at most `mask_margin` bytes: the first part of
// a secret may be there. `beginning` is the kept part of a longer text.
std::string_view without_open_end(const Client& client, std::string_view beginning,
                                  std::string_view masked) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
