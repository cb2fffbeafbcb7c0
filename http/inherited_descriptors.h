// Keeps from the host's children what libcurl opens without close-on-exec.
//
// libcurl before 8.x makes a pair of sockets for `curl_multi_wakeup` that every program started by
// `exec` inherits, and does not say which they are. Setting the flag on a descriptor of the host is
// out of the question, so a pair is recognised by what it does.
#pragma once

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Something that can be woken, and that forgets it again.
struct Bell {
  void (*ring)(void* self) noexcept;     // one byte into a pair of sockets, or a pipe
  void (*silence)(void* self) noexcept;  // takes out all of them
  void* self;
};

// Marks the two ends of the bell's pair as close-on-exec: those whose fill follows its ringing
// exactly, several times. False when it cannot be told for certain which they are, or they are
// marked already: then nothing is changed. A program that another thread starts between the making
// of the pair and this call still inherits it.
bool keep_from_children(const Bell& bell) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
