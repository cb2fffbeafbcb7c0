// The text of an HTML mail as plain text: for mails without a plain text part.
//
// Good enough for a language model to read. It keeps the words and the paragraphs and drops tags,
// styles and scripts; tables and links lose their form.
#pragma once

#include <string>
#include <string_view>

namespace email_workflow {

// UTF-8 in, UTF-8 out. Any text is accepted; malformed HTML comes out unchanged.
std::string html_to_text(std::string_view html);

}  // namespace email_workflow
