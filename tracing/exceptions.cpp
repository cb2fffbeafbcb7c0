// Exceptions on their way into an observation.
#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>

#include "langfuse/tracing/observe.h"
#include "pipeline/client.h"
#include "tracing/bytes/growing_array.h"
#include "tracing/observation_state.h"
#include "tracing/observation_values.h"

namespace langfuse {
inline namespace v0_1 {
namespace {

// What the exception being handled says of itself; null when it has nothing to say. Valid as long
// as the exception.
const char* what_of_handled() noexcept {
  try {
    throw;
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (const char* text) {
    return text;
  } catch (...) {
    return nullptr;
  }
}

// False when there is no memory.
bool append(internal::GrowingArray<char>& text, std::string_view more) noexcept {
  char* const room = text.reserve(more.size());
  if (room == nullptr) return more.empty();
  more.copy(room, more.size());
  text.commit(more.size());
  return true;
}

}  // namespace

Observation& Observation::record_exception() & noexcept {
  // Null outside a handler, and for what is no C++ exception (a thread being cancelled), which must
  // not be caught for good.
  const std::exception_ptr handled = std::current_exception();
  if (state_ == nullptr || handled == nullptr) return *this;
  const std::type_info* const type = abi::__cxa_current_exception_type();
  return record_exception(type == nullptr ? nullptr : type->name(), what_of_handled());
}

Observation& Observation::record_exception(const char* type_name, const char* what) & noexcept {
  if (state_ == nullptr) return *this;
  state_->level = Level::error;
  if (!state_->is_sampled) return *this;
  internal::GrowingArray<char> message;
  bool is_whole = true;
  if (type_name != nullptr) {
    const std::unique_ptr<char, void (*)(void*)> demangled(
        abi::__cxa_demangle(type_name, nullptr, nullptr, nullptr), std::free);
    is_whole = append(message, demangled != nullptr ? demangled.get() : type_name);
  }
  if (what != nullptr) {
    if (!message.empty()) is_whole = append(message, ": ") && is_whole;
    is_whole = append(message, what) && is_whole;
  }
  if (is_whole) {
    internal::set_status_message(*state_, view(message));
  } else {
    state_->more().status_message.clear(internal::largest_kept_text);
    internal::count_lost_value(*state_->client);
  }
  return *this;
}

}  // namespace v0_1
}  // namespace langfuse
