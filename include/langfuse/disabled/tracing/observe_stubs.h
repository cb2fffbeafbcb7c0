// `tracing/observe.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/observe.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline Observation& Observation::set_input(internal::Value) & noexcept {
  return *this;
}
inline Observation& Observation::set_output(internal::Value) & noexcept {
  return *this;
}
inline Observation& Observation::set_metadata(std::string_view, internal::Value) & noexcept {
  return *this;
}
inline Observation& Observation::set_name(std::string_view) & noexcept {
  return *this;
}
inline Observation& Observation::set_type(ObservationType) & noexcept {
  return *this;
}
inline Observation& Observation::set_level(Level) & noexcept {
  return *this;
}
inline Observation& Observation::set_status_message(std::string_view) & noexcept {
  return *this;
}
inline Observation& Observation::set_version(std::string_view) & noexcept {
  return *this;
}
inline Observation& Observation::set_model(std::string_view) & noexcept {
  return *this;
}
inline Observation& Observation::set_model_parameter(std::string_view, internal::Value) & noexcept {
  return *this;
}
inline Observation& Observation::set_usage(std::string_view, internal::TokenCount) & noexcept {
  return *this;
}
inline Observation& Observation::set_cost(std::string_view, internal::DollarAmount) & noexcept {
  return *this;
}
inline Observation& Observation::set_prompt(std::string_view, std::int64_t) & noexcept {
  return *this;
}
inline Observation& Observation::set_completion_start_time(UnixTime) & noexcept {
  return *this;
}
inline Observation& Observation::on_token(std::string_view) & noexcept {
  return *this;
}
inline Observation& Observation::set_trace_as_public() & noexcept {
  return *this;
}
inline Observation& Observation::record_exception() & noexcept {
  return *this;
}
inline Observation& Observation::record_exception(const char*, const char*) & noexcept {
  return *this;
}
inline std::uint64_t Observation::token_count() const noexcept {
  return 0;
}
inline std::int64_t Observation::time_to_first_token() const noexcept {
  return 0;
}
inline double Observation::tokens_per_second() const noexcept {
  return 0;
}
inline void Observation::end() & noexcept {}
inline void Observation::end(UnixTime) & noexcept {}
inline void Observation::end_with_scope() noexcept {}
inline TraceId Observation::trace_id() const noexcept {
  return {};
}
inline SpanId Observation::id() const noexcept {
  return {};
}
inline Context Observation::context() const noexcept {
  return {};
}
inline void Observation::score(std::string_view, const ScoreValue&) const noexcept {}
inline void Observation::score(std::string_view, const ScoreValue&,
                               const ScoreDetails&) const noexcept {}
inline void Observation::score_trace(std::string_view, const ScoreValue&) const noexcept {}
inline void Observation::score_trace(std::string_view, const ScoreValue&,
                                     const ScoreDetails&) const noexcept {}
inline Observation observe(std::string_view, ObservationType) noexcept {
  return {};
}
inline Observation observe(std::string_view, ObservationType, const SpanContext&) noexcept {
  return {};
}
inline Observation observe(std::string_view, ObservationType, const Context&) noexcept {
  return {};
}
inline Observation observe(ObservationType, const char*, const char*, int) noexcept {
  return {};
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
