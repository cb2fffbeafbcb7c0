// One e-mail message, read from the text of RFC 5322 and MIME into UTF-8.
//
// GMime does the parsing: folded headers, encoded words (RFC 2047), nested multiparts,
// quoted-printable and base64, and whatever charset the sender used. This file decides
// which parts the workflow reads, and which faults make a message unreadable.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace email_workflow {

// The message cannot be read; `what()` names the fault.
class MailError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Address {
  std::string name;  // decoded; empty when the header has none
  std::string email;
};

struct Attachment {
  std::string file_name;  // empty when the message has none
  std::string content_type;
  std::size_t size = 0;  // bytes, decoded
};

// All text is UTF-8.
struct Mail {
  std::string message_id;  // without angle brackets; empty when there is none
  std::string date;        // ISO 8601; empty when there is none
  Address from;
  Address reply_to;  // where an answer goes: the Reply-To header, else `from`
  std::string subject;
  std::string text;  // the plain text, else that of the HTML; lines end with \n
  std::vector<Attachment> attachments;
  std::vector<std::string> warnings;  // faults that did not keep the message from being read
};

// Throws `MailError`.
Mail parse_mail(std::string_view message);

// An answer to `mail` as a complete message, ready to be handed to a mail server: threaded with
// `In-Reply-To` and `References`, encoded as needed.
std::string compose_reply(const Mail& mail, const Address& from, std::string_view text);

}  // namespace email_workflow
