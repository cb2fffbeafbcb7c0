// Where messages come from: a folder of `.eml` files, one `.eml` file, or one mbox file.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace email_workflow {

// The mailbox cannot be read; `what()` names its path and the reason.
class MailboxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A message as it came, not yet looked into.
struct RawMail {
  std::string name;  // the file's name; in an mbox file with the number of the message: "inbox#3"
  std::string bytes;
};

// Every message, in the order of the file names. An mbox file is known by its first line
// (`From …`). Throws `MailboxError`, also for a folder without any `.eml` file.
std::vector<RawMail> read_mailbox(const std::filesystem::path& path);

}  // namespace email_workflow
