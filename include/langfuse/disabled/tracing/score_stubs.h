// `tracing/score.h` compiled out: see `LANGFUSE_DISABLED` in `export.h`.
#pragma once

#include "langfuse/tracing/score.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

inline void create_score(const Score&) noexcept {}
inline void score_current_span(std::string_view, const ScoreValue&, const ScoreDetails&) noexcept {}
inline void score_current_trace(std::string_view, const ScoreValue&, const ScoreDetails&) noexcept {
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse
