// What an HTML mail says, as plain text: for mails whose sender gave no plain text beside it.
//
// Good enough for a language model to read. It keeps the words and the paragraphs and drops tags,
// styles and scripts; tables and links lose their form.
#pragma once

#include <string>
#include <string_view>

namespace email_workflow {

// UTF-8 in, UTF-8 out. Any text is accepted; what is not well-formed comes out as it is.
std::string html_to_text(std::string_view html);

}  // namespace email_workflow
