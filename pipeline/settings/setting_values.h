// Settings as text: reading them from the environment, and showing them in diagnostics.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "langfuse/config.h"
#include "model/presentable.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {

// Without spaces, tabs and line breaks at both ends.
std::string trimmed(const std::string& text);
std::string lower_case(std::string text);  // ASCII

// true, 1, yes, on, false, 0, no, off in any case; empty for anything else.
std::optional<bool> parse_boolean(const std::string& text);
// A finite decimal number; empty for anything else.
std::optional<double> parse_number(const std::string& text);

bool is_printable_ascii(const std::string& text);
// A token of RFC 9110, section 5.6.2.
bool is_header_name(const std::string& text);
// True for the headers that the library sets itself: the body's framing and encoding, and the
// library's identity.
bool is_header_of_ours(const std::string& name);

// A value as it is shown: shortened, in quotes, on one line and without secrets.
std::string in_quotes(const std::string& value, const Secrets& secrets);
std::string in_words(double value);
std::string in_words(Seconds value);
std::string in_words(bool value);
std::string in_words(std::size_t value);
std::string in_words(Compression value);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
