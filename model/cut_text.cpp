#include "model/cut_text.h"

#include <algorithm>
#include <charconv>

#include "model/protobuf_writer.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr std::size_t longest_character = 4;  // bytes
constexpr std::string_view mark_begin = "\xE2\x80\xA6[truncated ";
constexpr std::string_view mark_end = " bytes]";

std::size_t decimal_digits(std::size_t value) noexcept {
  std::size_t digits = 1;
  for (; value >= 10; value /= 10) ++digits;
  return digits;
}

}  // namespace

void Text::measure(std::string_view source, std::size_t max_bytes, std::size_t full_size) noexcept {
  std::size_t position = 0;
  while (position < source.size()) {
    const std::size_t room = max_bytes - size_;
    const std::size_t run = well_formed_prefix(source.substr(position, room));
    position += run;
    size_ += run;
    if (position == source.size() || run == room) break;
    const std::string_view rest = source.substr(position);
    // A character that is well-formed here was only cut by `room`.
    const bool is_character = well_formed_prefix(rest.substr(0, longest_character)) > 0;
    if (is_character || max_bytes - size_ < replacement_character.size()) break;
    is_well_formed_ = false;
    position += ill_formed_length(rest);
    size_ += replacement_character.size();
  }
  kept_ = source.substr(0, position);
  missing_ = std::max(source.size(), full_size) - position;
  if (missing_ > 0) size_ += truncation_mark_size(missing_);
}

char* Text::write_changed(char* out) const noexcept {
  if (is_well_formed_) {
    out = write_raw(out, kept_);
  } else {
    for (std::string_view rest = kept_; !rest.empty();) {
      const std::size_t run = well_formed_prefix(rest);
      out = write_raw(out, rest.substr(0, run));
      rest.remove_prefix(run);
      if (rest.empty()) break;
      out = write_raw(out, replacement_character);
      rest.remove_prefix(ill_formed_length(rest));
    }
  }
  return missing_ > 0 ? write_truncation_mark(out, missing_) : out;
}

bool Text::reads_changed_as(std::string_view written) const noexcept {
  // True, and taken off `written`, when that begins with `part`.
  const auto begins_with = [&written](std::string_view part) {
    if (written.substr(0, part.size()) != part) return false;
    written.remove_prefix(part.size());
    return true;
  };
  for (std::string_view rest = kept_; !rest.empty();) {
    const std::size_t run = well_formed_prefix(rest);
    if (!begins_with(rest.substr(0, run))) return false;
    rest.remove_prefix(run);
    if (rest.empty()) break;
    if (!begins_with(replacement_character)) return false;
    rest.remove_prefix(ill_formed_length(rest));
  }
  if (missing_ == 0) return written.empty();
  char mark[64];
  const char* const end = write_truncation_mark(mark, missing_);
  return written == std::string_view(mark, static_cast<std::size_t>(end - mark));
}

std::size_t truncation_mark_size(std::size_t missing) noexcept {
  return mark_begin.size() + decimal_digits(missing) + mark_end.size();
}

char* write_truncation_mark(char* out, std::size_t missing) noexcept {
  out = write_raw(out, mark_begin);
  out = std::to_chars(out, out + 20, missing).ptr;
  return write_raw(out, mark_end);
}

std::size_t take_truncation_mark(std::string_view& text) noexcept {
  constexpr std::size_t longest_mark = 48;
  const std::size_t skipped = text.size() - std::min(text.size(), longest_mark);
  const std::size_t begin = text.substr(skipped).rfind(mark_begin);
  if (begin == std::string_view::npos) return 0;
  const std::string_view mark = text.substr(skipped + begin + mark_begin.size());
  std::size_t missing = 0;
  const auto [end, error] = std::from_chars(mark.data(), mark.data() + mark.size(), missing);
  if (error != std::errc() ||
      mark.substr(static_cast<std::size_t>(end - mark.data())) != mark_end) {
    return 0;
  }
  text = text.substr(0, skipped + begin);
  return missing;
}

std::string repaired(std::string_view text, std::size_t max_bytes) {
  const Text measured(text, max_bytes);
  std::string result(measured.size(), '\0');
  measured.write(result.data());
  return result;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
