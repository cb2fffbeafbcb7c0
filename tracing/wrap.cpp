#include "langfuse/tracing/wrap.h"

#include <charconv>
#include <cstdint>

#include "model/attribute_encoder.h"
#include "pipeline/client.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

template <class Number>
void append_number(JsonText& out, Number number) {
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

bool captures_io() noexcept {
  const Client* const client = Client::current();
  return client != nullptr && client->settings().capture_io;
}

void append_value(JsonText& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::text:
      out.append_string(value.text());
      return;
    case Value::Kind::boolean:
      out.append(value.integer() != 0 ? "true" : "false");
      return;
    case Value::Kind::integer:
      append_number(out, value.integer());
      return;
    case Value::Kind::unsigned_integer:
      append_number(out, static_cast<std::uint64_t>(value.integer()));
      return;
    case Value::Kind::real: {
      const std::string_view text = not_finite_text(value.real());
      if (text.empty()) {
        append_number(out, value.real());
      } else {
        out.append_string(text);
      }
      return;
    }
    case Value::Kind::json:
      value.write(out);
      return;
  }
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
