// Settings as text: what the environment holds, and what diagnostics show.
//
// Independent of the host program's locale.
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
// One that says how the body is framed and encoded, or what the library is.
bool is_header_of_ours(const std::string& name);

// A value as it is shown: without secrets, short, in quotes, and on one line.
std::string in_quotes(const std::string& value, const Secrets& secrets);
std::string in_words(double value);
std::string in_words(Seconds value);
std::string in_words(bool value);
std::string in_words(std::size_t value);
std::string in_words(Compression value);

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
