// `tracing/propagation.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/propagation.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline PropagatedAttributes::~PropagatedAttributes() {}
inline PropagatedAttributes& PropagatedAttributes::set_user_id(std::string_view) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::set_session_id(std::string_view) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::set_trace_name(std::string_view) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::add_tag(std::string_view) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::set_metadata(std::string_view,
                                                                std::string_view) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::set_version(std::string_view) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::set_environment(std::string_view) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::set_prompt(std::string_view, int) noexcept {
  return *this;
}
inline PropagatedAttributes& PropagatedAttributes::set_as_baggage(bool) noexcept {
  return *this;
}
inline PropagationScope::PropagationScope(const PropagatedAttributes&) noexcept {}
inline PropagationScope::~PropagationScope() {
  static_cast<void>(frame_);  // clang warns of unused members
}
inline TraceParent traceparent(const Context&) noexcept {
  return {};
}
inline std::string baggage(const Context&) {
  return {};
}
inline Context remote_context(std::string_view, std::string_view) noexcept {
  return {};
}
inline Context environment_context() noexcept {
  return {};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
