// Text in the charsets that mails come in, as UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace email_workflow {

struct DecodedText {
  std::string text;          // UTF-8, without a byte order mark; whole, whatever the bytes were
  std::size_t repaired = 0;  // places that are not valid in the charset; each has become U+FFFD
  bool is_known = true;      // false: the charset is unknown, and `text` is empty
};

// `charset`: as a mail names it; empty if it names none. Text in ASCII or without a name is read as
// UTF-8, and as Windows-1252 if it is not valid UTF-8. Latin 1 is read as Windows-1252, as in
// browsers.
DecodedText decode_text(std::string_view bytes, const std::string& charset);

}  // namespace email_workflow
