// UTF-8: the server drops what is not, so nothing leaves that is not.
//
// Ill-formed bytes become U+FFFD, one for each maximal subpart (The Unicode Standard, section 3.9,
// "U+FFFD Substitution of Maximal Subparts"), which is also what browsers and Python do.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

// The length of the longest well-formed prefix; it ends at a character boundary.
std::size_t well_formed_prefix(std::string_view text) noexcept;

// How many bytes one U+FFFD stands for at the beginning of `text`, which is not empty and does not
// begin with a well-formed character: 1 to 3.
std::size_t ill_formed_length(std::string_view text) noexcept;

// A text on its way into a message: measured once, then written. What comes out is well-formed and
// holds at most `max_bytes` of the text; when there was more, it was cut at a character boundary
// and ends with `…[truncated N bytes]`, N counting the bytes that are missing. The mark comes on
// top of `max_bytes`.
//
// A view: it lives no longer than the text it was made from.
class Text {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  constexpr Text() noexcept = default;
  // `full_size`: the size of the whole text when `source` is only its beginning.
  explicit Text(std::string_view source, std::size_t max_bytes = unlimited,
                std::size_t full_size = 0) noexcept;

  // Of what `write` writes.
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  // Returns where the next byte goes.
  char* write(char* out) const noexcept;

 private:
  std::string_view kept_;  // the part of the source that stays
  std::size_t size_ = 0;
  std::size_t missing_ = 0;  // bytes that were cut off
  bool is_well_formed_ = true;
};

// `text` with U+FFFD for what is ill-formed. Throws only for lack of memory.
std::string repaired(std::string_view text);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
