// `tracing/llm_handler.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/llm_handler.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline LlmHandler::LlmHandler(const LlmHandlerOptions&) noexcept {}
inline LlmHandler::~LlmHandler() {}
inline void LlmHandler::on_llm_new_token(std::string_view, std::string_view) noexcept {}
inline void LlmHandler::on_llm_end(std::string_view, std::optional<internal::Value>,
                                   LlmUsage) noexcept {}
inline void LlmHandler::on_llm_usage(std::string_view, LlmUsage) noexcept {}
inline FlushResult LlmHandler::flush() noexcept {
  return {};
}
inline FlushResult LlmHandler::flush(Timeout) noexcept {
  return {};
}
inline LlmHandlerStats LlmHandler::stats() const noexcept {
  return {};
}
inline void LlmHandler::start(std::string_view, ObservationType, std::string_view,
                              const internal::Value&, std::string_view) noexcept {}
inline void LlmHandler::fail(std::string_view, std::string_view) noexcept {}
inline void LlmHandler::end_run(std::string_view, internal::RunSetter) noexcept {}
inline bool LlmHandler::update_run(std::string_view, internal::RunSetter) {
  return false;
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
