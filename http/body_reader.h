// Where libcurl reads the body of a request: out of the pieces in which it lies, without a copy of
// the whole.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "http/curl_easy.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A body in pieces, as libcurl asks for it: straight into what it sends from.
class BodyReader {
 public:
  void begin(std::vector<std::string_view> pieces) noexcept {
    pieces_ = std::move(pieces);
    go_to(0);
  }

  std::size_t read(char* target, std::size_t room) noexcept {
    std::size_t count = 0;
    while (piece_ < pieces_.size() && count < room) {
      const std::size_t step = pieces_[piece_].copy(target + count, room - count, offset_);
      count += step;
      offset_ += step;
      if (offset_ == pieces_[piece_].size()) {
        ++piece_;
        offset_ = 0;
      }
    }
    return count;
  }

  // False when the body is not as long.
  bool go_to(std::size_t position) noexcept {
    piece_ = 0;
    offset_ = position;
    while (piece_ < pieces_.size() && offset_ >= pieces_[piece_].size()) {
      offset_ -= pieces_[piece_].size();
      ++piece_;
    }
    return piece_ < pieces_.size() || offset_ == 0;
  }

  static std::size_t read_callback(char* target, std::size_t size, std::size_t count,
                                   void* self) noexcept {
    return static_cast<BodyReader*>(self)->read(target, size * count);
  }
  // Called when a request must be sent again, because the kept connection turned out to be dead.
  static int seek_callback(void* self, curl_off_t offset, int origin) noexcept {
    const bool is_there = origin == SEEK_SET && offset >= 0 &&
                          static_cast<BodyReader*>(self)->go_to(static_cast<std::size_t>(offset));
    return is_there ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
  }

 private:
  std::vector<std::string_view> pieces_;
  std::size_t piece_ = 0;   // where the next byte is …
  std::size_t offset_ = 0;  // … and where in that
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
