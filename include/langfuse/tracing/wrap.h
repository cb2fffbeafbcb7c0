// Functions that are observed whenever they are called.
//
//   auto search = langfuse::observe_fn("search", search_index);        // call it as before
//   auto best = langfuse::observed("rerank", rerank, query, search(query));   // or only this once
//
// Any callable: functions, lambdas, function objects, pointers to members; copyable or not. The
// call gives back what the callable gave back, of any type, or lets the same exception through; the
// observation of an exception ends with level `error` and `Type: what()`. What the callable opens
// inside becomes a child. A callable that returns before its work is done (a future, a coroutine)
// is observed until it returns.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "langfuse/export.h"
#include "langfuse/tracing/observe.h"

namespace langfuse {
inline namespace LANGFUSE_ABI {

// Whether arguments or the result are sent. They may be large, and secret.
enum class IoCapture : std::uint8_t {
  by_setting,  // as `Config::capture_io` says, by default: no
  no,
  yes
};

// What a wrapped call is observed as. A name alone converts to it.
//
// The input is a JSON array of the arguments, without the object of a member function; the output,
// the result. Text, numbers, bools and types with an `AsJson` are sent as such, anything else, and
// any text that is not `const`, reads `<not serializable>`.
struct WrapOptions {
  std::string_view name;
  ObservationType type = ObservationType::span;
  IoCapture capture_input = IoCapture::by_setting;
  IoCapture capture_output = IoCapture::by_setting;

  template <class Text,
            class = std::enable_if_t<std::is_convertible<const Text&, std::string_view>::value>>
  WrapOptions(const Text& observation_name) noexcept : name(observation_name) {}

  WrapOptions& set_type(ObservationType value) noexcept {
    type = value;
    return *this;
  }
  WrapOptions& set_capture_input(IoCapture value) noexcept {
    capture_input = value;
    return *this;
  }
  WrapOptions& set_capture_output(IoCapture value) noexcept {
    capture_output = value;
    return *this;
  }
};

namespace internal {

// What the setting says; false when nothing is configured.
LANGFUSE_API bool captures_io() noexcept;
LANGFUSE_INLINE bool is_captured(IoCapture wanted) noexcept {
  return wanted == IoCapture::yes || (wanted == IoCapture::by_setting && captures_io());
}

// Appends `value` as JSON.
LANGFUSE_API void append_value(JsonText& out, const Value& value);

// Characters that may be written need not be text yet: a callable may be about to fill them.
template <class T>
LANGFUSE_INLINE Value to_value(T& value) noexcept {
  if constexpr (std::is_constructible<Value, const T&>::value &&
                !std::is_convertible<T&, char*>::value) {
    return Value(value);
  } else {
    return Value("<not serializable>");
  }
}

// The arguments of a call, borrowed for its length.
template <class... Args>
struct Arguments {
  std::tuple<Args&...> values;
};

}  // namespace internal

template <class... Args>
struct AsJson<internal::Arguments<Args...>> {
  static LANGFUSE_LOCAL void write(const internal::Arguments<Args...>& arguments, JsonText& out) {
    std::apply(
        [&](auto&... argument) {
          std::string_view separator = "[";
          ((out.append(std::exchange(separator, ",")),
            internal::append_value(out, internal::to_value(argument))),
           ...);
          if (sizeof...(argument) == 0) out.append(separator);
        },
        arguments.values);
    out.append("]");
  }
};

namespace internal {

template <class... Args>
LANGFUSE_INLINE void set_arguments(Observation& observation, Args&... args) noexcept {
  observation.set_input(Arguments<Args...>{std::tie(args...)});
}
template <class Object, class... Args>
LANGFUSE_INLINE void set_arguments_of_member(Observation& observation, Object&,
                                             Args&... args) noexcept {
  set_arguments(observation, args...);
}

// Calls, and sets the output on the way back.
template <class F, class... Args>
LANGFUSE_INLINE std::invoke_result_t<F, Args...> call_into(Observation& observation,
                                                           bool is_output_wanted, F&& f,
                                                           Args&&... args) {
  using Result = std::invoke_result_t<F, Args...>;
  if constexpr (std::is_void<Result>::value) {
    std::invoke(std::forward<F>(f), std::forward<Args>(args)...);
  } else if constexpr (!std::is_reference<Result>::value &&
                       !std::is_move_constructible<Result>::value) {
    // It can only be made in its place, where nobody sees it.
    return std::invoke(std::forward<F>(f), std::forward<Args>(args)...);
  } else {
    Result result = std::invoke(std::forward<F>(f), std::forward<Args>(args)...);
    if (is_output_wanted) observation.set_output(to_value(result));
    if constexpr (std::is_reference<Result>::value) {
      return static_cast<Result>(result);
    } else {
      return result;
    }
  }
}

template <class F, class... Args>
LANGFUSE_INLINE std::invoke_result_t<F, Args...> call_observed(const WrapOptions& options, F&& f,
                                                               Args&&... args) {
  Observation observation = observe(options.name, options.type);
  if (is_captured(options.capture_input)) {
    if constexpr (std::is_member_pointer<std::decay_t<F>>::value) {
      set_arguments_of_member(observation, args...);
    } else {
      set_arguments(observation, args...);
    }
  }
  const bool is_output_wanted = is_captured(options.capture_output);
#if defined(__cpp_exceptions) && !defined(LANGFUSE_DISABLED)
  try {
    return call_into(observation, is_output_wanted, std::forward<F>(f),
                     std::forward<Args>(args)...);
  } catch (...) {
    observation.record_exception();
    throw;
  }
#else
  return call_into(observation, is_output_wanted, std::forward<F>(f), std::forward<Args>(args)...);
#endif
}

}  // namespace internal

// A callable and the observation that each of its calls becomes. Copyable and movable as the
// callable is; called from any thread where the callable may be.
template <class F>
class ObservedFunction {
 public:
  template <class G>
  ObservedFunction(const WrapOptions& options, G&& f)
      : name_(options.name), options_(options), f_(std::forward<G>(f)) {}

  template <class... Args>
  LANGFUSE_LOCAL std::invoke_result_t<F&, Args...> operator()(Args&&... args) & {
    return internal::call_observed(options(), f_, std::forward<Args>(args)...);
  }
  template <class... Args>
  LANGFUSE_LOCAL std::invoke_result_t<const F&, Args...> operator()(Args&&... args) const& {
    return internal::call_observed(options(), f_, std::forward<Args>(args)...);
  }
  template <class... Args>
  LANGFUSE_LOCAL std::invoke_result_t<F, Args...> operator()(Args&&... args) && {
    return internal::call_observed(options(), std::move(f_), std::forward<Args>(args)...);
  }

 private:
  // Made anew for each call: a copied or moved object has its name elsewhere.
  WrapOptions options() const noexcept {
    WrapOptions options = options_;
    options.name = name_;
    return options;
  }

#if defined(LANGFUSE_DISABLED)
  std::string_view name_;  // nobody reads it
#else
  std::string name_;
#endif
  WrapOptions options_;
  F f_;
};

// `f`, observed at each call. Copies or moves `f` and copies the name.
template <class F>
ObservedFunction<std::decay_t<F>> observe_fn(const WrapOptions& options, F&& f) {
  return {options, std::forward<F>(f)};
}

// Calls `f(args...)`, observed.
template <class F, class... Args>
LANGFUSE_INLINE std::invoke_result_t<F, Args...> observed(const WrapOptions& options, F&& f,
                                                          Args&&... args) {
  return internal::call_observed(options, std::forward<F>(f), std::forward<Args>(args)...);
}

}  // namespace LANGFUSE_ABI
}  // namespace langfuse

#if defined(LANGFUSE_DISABLED)
#include "langfuse/disabled/tracing/wrap_stubs.h"
#endif
