// The fields of a line besides its text, as metadata.
#pragma once

#include <cstddef>

#include "langfuse/sinks/log_line.h"
#include "model/attribute_encoder.h"
#include "model/attribute_keys.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// A view of the line.
class ExtraFields {
 public:
  ExtraFields(const LogLine& line, std::size_t max_bytes) noexcept
      : line_(line), max_bytes_(max_bytes) {
    for (std::size_t i = 0; i < line_.field_count; ++i) {
      const Text name(line_.fields[i].name, max_bytes_);
      const Text text = value(i);
      bound_ += text_attribute_bound({prefix(i), name}, text.size());
      cut_ += (name.is_cut() ? 1U : 0U) + (text.is_cut() ? 1U : 0U);
    }
  }

  std::size_t bound() const noexcept { return bound_; }
  // The number of names and values that are cut.
  std::size_t cut() const noexcept { return cut_; }
  char* write(char* out) const noexcept {
    for (std::size_t i = 0; i < line_.field_count; ++i) {
      const Text name(line_.fields[i].name, max_bytes_);
      out = write_text_attribute(out, {prefix(i), name}, value(i));
    }
    return out;
  }

 private:
  Text value(std::size_t i) const noexcept { return Text(line_.fields[i].value, max_bytes_); }

  // No key may be sent twice.
  const AttributeKey& prefix(std::size_t i) const noexcept {
    for (const AttributeKey* const key :
         {&keys::line_logger, &keys::line_file, &keys::line_number, &keys::line_function,
          &keys::line_thread, &keys::line_sequence, &keys::line_context}) {
      if (key->text().substr(keys::metadata_prefix.text().size()) == line_.fields[i].name) {
        return keys::line_fields_prefix;
      }
    }
    return keys::metadata_prefix;
  }

  const LogLine& line_;
  const std::size_t max_bytes_;
  std::size_t bound_ = 0;
  std::size_t cut_ = 0;
};

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
