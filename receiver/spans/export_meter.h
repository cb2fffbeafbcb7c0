// What decoding one export may cost. Both decoders count here, so that a small body cannot become
// gigabytes in memory, and so that the work can be interrupted.

#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "receiver/base/interruption.h"
#include "receiver/spans/received_span.h"

namespace langfuse_receiver {

// The text goes to the client.
class ExportTooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A span takes eight bytes on the wire at least, an attribute nine.
inline constexpr std::size_t max_spans_of_export = 250'000;
inline constexpr std::size_t max_values_of_export = 2'000'000;
// What resource and scope say is stored with each of their spans.
inline constexpr std::size_t max_origin_bytes_of_export = 256U << 20U;

// Each function throws `ExportTooLarge` or `Interrupted`.
class ExportMeter {
 public:
  // `origin_bytes`: of its resource and scope.
  void count_span(std::size_t origin_bytes) {
    throw_if_interrupted();
    count_origin(origin_bytes);
    expect(++spans_ <= max_spans_of_export,
           "more than " + std::to_string(max_spans_of_export) + " spans");
  }

  // An attribute, or an element of one.
  void count_value() {
    throw_if_interrupted();
    if (++values_ > max_values_of_export) {
      expect(false, "more than " + std::to_string(max_values_of_export) + " attributes");
    }
  }

  void count_origin(std::size_t bytes) {
    origin_bytes_ += bytes;
    expect(origin_bytes_ <= max_origin_bytes_of_export,
           "resource and scope are stored with each span, and are too large for so many");
  }

 private:
  static void expect(bool is_fulfilled, const std::string& problem) {
    if (!is_fulfilled) {
      throw ExportTooLarge("The export is too large: " + problem);
    }
  }

  std::size_t spans_ = 0;
  std::size_t values_ = 0;
  std::size_t origin_bytes_ = 0;
};

// About what they take in memory.
inline std::size_t bytes_of(const Attributes& attributes) {
  constexpr std::size_t overhead = 64;
  std::size_t bytes = 0;
  for (const Attribute& attribute : attributes) {
    const Json& value = attribute.value;
    bytes +=
        overhead + attribute.key.size() +
        (value.is_string() ? value.get_ref<const std::string&>().size() : value.size() * overhead);
  }
  return bytes;
}

}  // namespace langfuse_receiver
