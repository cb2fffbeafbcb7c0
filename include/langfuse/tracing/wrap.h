// Functions that are observed whenever they are called.
//
//   auto search = langfuse::observe_fn("search", search_index);        // call it as before
//   auto best = langfuse::observed("rerank", rerank, query, search(query));   // or only this once
//
// Any callable: functions, lambdas, function objects, pointers to members; copyable or not. The
// call returns the callable's result, of any type, or lets its exception through. With an exception
// the observation ends with level `error` and the status message `Type: what()`. What the callable
// opens becomes a child. A callable that returns before its work is done (a future, a coroutine) is
// observed until it returns.
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

// Whether arguments or results are sent. They may be large, and secret.
enum class IoCapture : std::uint8_t {
  by_setting,  // `Config::capture_io` decides; its default is no
  no,
  yes
};

// How a wrapped call is observed. A name alone converts to it.
//
// The input is a JSON array of the arguments, without the object of a member function. The output
// is the result. Text, numbers, bools and types with an `AsJson` are sent as such. Any other value
// reads `<not serializable>`, and so does text that is not `const`, because the callable may be
// about to fill it.
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

// `Config::capture_io`; false when nothing is configured.
LANGFUSE_API bool captures_io() noexcept;
LANGFUSE_INLINE bool is_captured(IoCapture wanted) noexcept {
  return wanted == IoCapture::yes || (wanted == IoCapture::by_setting && captures_io());
}

// Appends `value` as JSON.
LANGFUSE_API void append_value(JsonText& out, const Value& value);

// Writable characters need not be text yet: the callable may be about to fill them.
template <class T>
LANGFUSE_INLINE Value to_value(T& value) noexcept {
  if constexpr (std::is_constructible<Value, const T&>::value &&
                !std::is_convertible<T&, char*>::value) {
    return Value(value);
  } else {
    return Value("<not serializable>");
  }
}

// The arguments of a call, valid during the call.
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

// Calls `f`, and sets the output when it returns.
template <class F, class... Args>
LANGFUSE_INLINE std::invoke_result_t<F, Args...> call_into(Observation& observation,
                                                           bool is_output_wanted, F&& f,
                                                           Args&&... args) {
  using Result = std::invoke_result_t<F, Args...>;
  if constexpr (std::is_void<Result>::value) {
    std::invoke(std::forward<F>(f), std::forward<Args>(args)...);
  } else if constexpr (!std::is_reference<Result>::value &&
                       !std::is_move_constructible<Result>::value) {
    // Such a result is made directly in the caller's place, out of reach here.
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

// A callable whose calls are observed. Copyable and movable as the callable is. Called on any
// thread where the callable may be.
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
  std::string_view name_;  // unused
#else
  std::string name_;
#endif
  WrapOptions options_;
  F f_;
};

// Wraps `f`, so that each call is observed. Copies or moves `f`, and copies the name.
template <class F>
ObservedFunction<std::decay_t<F>> observe_fn(const WrapOptions& options, F&& f) {
  return {options, std::forward<F>(f)};
}

// Calls `f(args...)` once, observed. Returns its result, or lets its exception through.
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
