// Keeps descriptors that libcurl opens without close-on-exec from the host's children.
//
// libcurl before 8.x makes a pair of sockets for `curl_multi_wakeup` that every program started by
// `exec` inherits, and does not reveal their numbers. Setting the flag on a descriptor of the host
// would be wrong, so the pair is recognised by its behaviour.
#pragma once

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Something that can be woken, and can clear that again.
struct Bell {
  void (*ring)(void* self) noexcept;     // puts one byte into a pair of sockets, or a pipe
  void (*silence)(void* self) noexcept;  // takes out all of them
  void* self;
};

// Marks the two ends of the bell's pair as close-on-exec: the descriptors whose fill level follows
// its ringing exactly, several times. False, and nothing is changed, when they cannot be identified
// for certain, or are marked already. A program that another thread starts between the making of
// the pair and this call still inherits it.
bool keep_from_children(const Bell& bell) noexcept;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
