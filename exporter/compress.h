// gzip for request bodies, fast rather than small.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Keeps its working memory from one body to the next. One thread at a time.
class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  // Replaces `output` by `input` as one gzip member. False when there is no memory; `output` is
  // then meaningless, and the body can be sent uncompressed.
  bool compress(std::string_view input, std::string& output);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
