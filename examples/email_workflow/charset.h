// Text in the charsets that mails come in, as UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace email_workflow {

struct DecodedText {
  std::string text;          // UTF-8, without a byte order mark; whole, whatever the bytes were
  std::size_t repaired = 0;  // places that are no text in the charset; U+FFFD stands there
  bool is_known = true;      // false: nobody knows this charset, and there is no text
};

// `charset` as a mail names it; empty: none is named. ASCII, and what has no name, may hold UTF-8,
// or else what Windows writes; Latin 1 is read as what Windows writes, as browsers do.
DecodedText decode_text(std::string_view bytes, const std::string& charset);

}  // namespace email_workflow
