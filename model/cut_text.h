// A text of the user's on its way into a message: made well-formed, and cut where it is too long.
#pragma once

#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "model/utf8.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A text for a message: measured once, then written. The written text is well-formed, and holds at
// most `max_bytes` of the source. A longer source is cut at a character boundary, and the mark
// `…[truncated N bytes]` follows, N being the number of missing bytes. The mark comes on top of
// `max_bytes`.
//
// A view, valid as long as the text that it was made from.
class Text {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  constexpr Text() noexcept = default;
  // `full_size`: the size of the whole text when `source` is only its beginning.
  explicit Text(std::string_view source, std::size_t max_bytes = unlimited,
                std::size_t full_size = 0) noexcept {
    if (source.size() <= max_bytes && full_size <= source.size() && is_ascii(source)) {
      kept_ = source;
      size_ = source.size();
    } else {
      measure(source, max_bytes, full_size);
    }
  }

  // One that is known to be well-formed and short enough: a constant, or what was a `Text` before.
  static constexpr Text well_formed(std::string_view known) noexcept {
    Text text;
    text.kept_ = known;
    text.size_ = known.size();
    return text;
  }

  // The size of what `write` writes.
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  // True if the text was cut, and so gets the mark.
  bool is_cut() const noexcept { return missing_ > 0; }
  // True if `write` would write `written`. Needs no memory.
  bool reads_as(std::string_view written) const noexcept {
    if (written.size() != size_) return false;
    return is_well_formed_ && missing_ == 0 ? written == kept_ : reads_changed_as(written);
  }
  // Returns where the next byte goes.
  char* write(char* out) const noexcept {
    if (!is_well_formed_ || missing_ > 0) return write_changed(out);
    if (size_ > 0) std::memcpy(out, kept_.data(), size_);
    return out + size_;
  }

 private:
  // For the rare text that is too long or not ASCII.
  void measure(std::string_view source, std::size_t max_bytes, std::size_t full_size) noexcept;
  char* write_changed(char* out) const noexcept;
  bool reads_changed_as(std::string_view written) const noexcept;

  std::string_view kept_;  // the part of the source that stays
  std::size_t size_ = 0;
  std::size_t missing_ = 0;  // bytes that were cut off
  bool is_well_formed_ = true;
};

// The mark behind a cut text: `…[truncated N bytes]`.
std::size_t truncation_mark_size(std::size_t missing) noexcept;
char* write_truncation_mark(char* out, std::size_t missing) noexcept;
// Removes the mark at the end of `text`, if there is one. Returns its number, or 0.
std::size_t take_truncation_mark(std::string_view& text) noexcept;

// What a `Text` of these writes. Throws only for lack of memory.
std::string repaired(std::string_view text, std::size_t max_bytes = Text::unlimited);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
