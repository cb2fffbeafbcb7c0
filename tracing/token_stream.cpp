// Streamed answers: `on_token` and what it measured.
#include <algorithm>
#include <cstring>

#include "langfuse/tracing/observe.h"
#include "model/attribute_keys.h"
#include "model/clock.h"
#include "model/diagnostics.h"
#include "model/utc_time.h"
#include "pipeline/client.h"
#include "tracing/masking.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

void measure_token(ObservationState& state) noexcept {
  TokenStream& tokens = state.more().tokens;
  tokens.last_steady_ns = steady_now_ns();
  if (tokens.count++ > 0) return;
  tokens.first_steady_ns = tokens.last_steady_ns;
  if (state.has_completion_start || !state.is_sampled) return;
  const std::int64_t first = tokens.first_steady_ns - state.start_steady_ns;
  const UtcTimeText time = utc_time_text(state.start_unix_nano + std::max(first, std::int64_t{0}));
  set_attribute(state, keys::completion_start_time, std::string_view(time));
}

void append_token(ObservationState& state, std::string_view text) noexcept {
  // Room for the character that the limit cuts through.
  constexpr std::size_t longest_character = 4;
  TokenStream& tokens = state.more().tokens;
  const bool is_whole = tokens.text.size() == tokens.full_size;
  tokens.full_size += text.size();
  const std::size_t limit =
      state.client->settings().value_max_bytes + longest_character + mask_margin(*state.client);
  if (!is_whole || tokens.text.size() >= limit) return;
  text = text.substr(0, limit - tokens.text.size());
  char* const room = tokens.text.reserve(text.size());
  if (room == nullptr) {
    // It ends here, and its mark will count the rest: a text with a hole would be another one.
    report(Diagnostic::Severity::warning,
           "no memory for the tokens of an observation; they are cut");
    return;
  }
  std::memcpy(room, text.data(), text.size());
  tokens.text.commit(text.size());
}

}  // namespace

void OpenObservation::on_token(ObservationState& state, std::string_view text) noexcept {
  if (text.empty()) return;
  measure_token(state);
  if (state.is_sampled) append_token(state, text);
}

}  // namespace internal

std::uint64_t Observation::token_count() const noexcept {
  return state_ == nullptr ? 0 : state_->more().tokens.count;
}

std::int64_t Observation::time_to_first_token() const noexcept {
  if (token_count() == 0) return 0;
  return std::max(state_->more().tokens.first_steady_ns - state_->start_steady_ns, std::int64_t{0});
}

double Observation::tokens_per_second() const noexcept {
  if (token_count() < 2) return 0;
  const internal::TokenStream& tokens = state_->more().tokens;
  const std::int64_t elapsed =
      std::max(tokens.last_steady_ns - tokens.first_steady_ns, std::int64_t{1});
  return static_cast<double>(tokens.count - 1) * 1e9 / static_cast<double>(elapsed);
}

}  // namespace v0_1
}  // namespace langfuse
