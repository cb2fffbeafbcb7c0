#include "examples/email_workflow/mail.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "examples/email_workflow/charset.h"
#include "examples/email_workflow/html_text.h"

namespace email_workflow {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

struct FreeText {
  void operator()(char* text) const { g_free(text); }
};
using OwnedText = std::unique_ptr<char, FreeText>;

struct FreeParserOptions {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : text;
}

void start_gmime() {
  static const bool started = (g_mime_init(), true);
  static_cast<void>(started);
}

// GMime reads on after every fault; these are its reports. An empty text stands for a fault that is
// too common to report.
std::string describe(GMimeParserWarning fault) {
  switch (fault) {
    case GMIME_WARN_INVALID_CONTENT_TYPE:
      return "the content type cannot be read";
    case GMIME_WARN_INVALID_RFC2047_HEADER_VALUE:
      return "an encoded header cannot be decoded";
    case GMIME_WARN_TRUNCATED_MESSAGE:
      return "the message is cut off";
    case GMIME_WARN_MALFORMED_MULTIPART:
    case GMIME_WARN_MALFORMED_MESSAGE:
      return "the message is malformed";
    case GMIME_WARN_INVALID_ADDRESS_LIST:
      return "an address cannot be read";
    case GMIME_CRIT_INVALID_HEADER_NAME:
      return "a header line has no valid name";
    case GMIME_CRIT_CONFLICTING_HEADER:
      return "a header occurs twice with different values";
    case GMIME_CRIT_CONFLICTING_PARAMETER:
      return "a header parameter occurs twice with different values";
    case GMIME_CRIT_NESTING_OVERFLOW:
      return "the parts are nested too deeply";
    default:
      return {};
  }
}

void remember_fault(gint64 offset, GMimeParserWarning fault, const gchar* item, gpointer warnings) {
  std::string warning = describe(fault);
  if (warning.empty()) return;
  if (item != nullptr && *item != '\0') warning += ": " + std::string(item);
  if (offset >= 0) warning += " (byte " + std::to_string(offset) + ")";
  static_cast<std::vector<std::string>*>(warnings)->push_back(std::move(warning));
}

Address first_address(InternetAddressList* list) {
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    InternetAddress* address = internet_address_list_get_address(list, i);
    if (!INTERNET_ADDRESS_IS_MAILBOX(address)) continue;
    const char* email = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
    if (email == nullptr || *email == '\0') continue;
    return {text_or_empty(internet_address_get_name(address)), email};
  }
  return {};
}

std::string content_type_of(GMimeObject* part) {
  const OwnedText type(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part)));
  return type.get();
}

std::string stream_text(GMimeStream* stream) {
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

std::string decoded_content(GMimePart* part) {
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content != nullptr) g_mime_data_wrapper_write_to_stream(content, stream.get());
  return stream_text(stream.get());
}

// GMime's decoder skips everything that is not base64, which would turn a damaged text into another
// one. Text after the padding is ignored: mailing lists append their footers there.
void check_base64(GMimePart* part, const std::string& content_type) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return;
  const Owned<GMimeStream> raw(g_mime_stream_mem_new());
  GMimeStream* encoded = g_mime_data_wrapper_get_stream(content);
  g_mime_stream_reset(encoded);
  g_mime_stream_write_to_stream(encoded, raw.get());
  for (const char c : stream_text(raw.get())) {
    if (c == '=') return;
    if (g_ascii_isalnum(c) || g_ascii_isspace(c) || c == '+' || c == '/') continue;
    throw MailError("the " + content_type + " part says it is base64 and has the byte " +
                    std::to_string(static_cast<unsigned char>(c)));
  }
}

// Folding may leave tabs and runs of spaces in a header.
std::string with_single_spaces(const std::string& header) {
  std::string result;
  for (const char c : header) {
    const bool is_space = g_ascii_isspace(c) != 0;
    if (!is_space) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

std::string with_unix_line_ends(std::string text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    result += text[i];
  }
  return result;
}

// The text of a text part in UTF-8. Invalid characters are replaced, and reported.
std::string text_of(GMimeTextPart* part, Mail& mail) {
  const std::string content_type = content_type_of(GMIME_OBJECT(part));
  if (g_mime_part_get_content_encoding(GMIME_PART(part)) == GMIME_CONTENT_ENCODING_BASE64) {
    check_base64(GMIME_PART(part), content_type);
  }
  const std::string charset = text_or_empty(g_mime_text_part_get_charset(part));
  DecodedText decoded = decode_text(decoded_content(GMIME_PART(part)), charset);
  if (!decoded.is_known) {
    throw MailError("the " + content_type + " part has the unknown charset \"" + charset + "\"");
  }
  if (decoded.repaired > 0) {
    mail.warnings.push_back("the " + content_type + " part is not all " +
                            (charset.empty() ? "text" : charset) + ": replaced " +
                            std::to_string(decoded.repaired) + " of its characters by U+FFFD");
  }
  return with_unix_line_ends(std::move(decoded.text));
}

// The form that a text part has, from the least to the most wanted. `other` is written for
// programs, as text/calendar is: it is read if there is nothing else.
enum class Form { none, other, amp, enriched, html, plain };

Form form_of(const std::string& content_type) {
  constexpr std::pair<const char*, Form> forms[] = {{"text/plain", Form::plain},
                                                    {"text/html", Form::html},
                                                    {"text/enriched", Form::enriched},
                                                    {"text/richtext", Form::enriched},
                                                    {"text/x-amp-html", Form::amp}};
  for (const auto& [name, form] : forms) {
    if (g_ascii_strcasecmp(content_type.c_str(), name) == 0) return form;
  }
  return Form::other;
}

// The text of one part of the tree, and its form.
struct Body {
  std::string text;
  Form form = Form::none;  // none: it has no text
};

Body read_part(GMimeObject* part, Mail& mail);

// Of the forms of one text, the most wanted one, and the last of several. A form that cannot be
// read does not affect the others.
Body read_alternatives(GMimeMultipart* multipart, Mail& mail) {
  Body best;
  std::string fault;
  for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i) {
    try {
      Body body = read_part(g_mime_multipart_get_part(multipart, i), mail);
      if (body.form != Form::none && body.form >= best.form) best = std::move(body);
    } catch (const MailError& error) {
      fault = error.what();
    }
  }
  if (fault.empty()) return best;
  if (best.form == Form::none) throw MailError(fault);
  mail.warnings.push_back("left out of the alternatives: " + fault);
  return best;
}

// Adds a part that is not read to the attachments.
void attach_text(GMimeObject* part, Mail& mail) {
  mail.attachments.push_back({text_or_empty(g_mime_part_get_filename(GMIME_PART(part))),
                              content_type_of(part), decoded_content(GMIME_PART(part)).size()});
}

// All texts, one after the other. A text for programs is read only if there is no other; beside
// another text it is an attachment.
Body read_all(GMimeMultipart* multipart, Mail& mail) {
  Body all;
  Body for_programs;
  std::vector<GMimeObject*> parts_for_programs;
  const auto add = [](Body& to, const Body& body) {
    if (!to.text.empty() && to.text.back() != '\n') to.text += '\n';
    to.text += body.text;
    to.form = to.form == Form::none ? body.form : std::min(to.form, body.form);
  };
  for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i) {
    GMimeObject* const part = g_mime_multipart_get_part(multipart, i);
    const Body body = read_part(part, mail);
    if (body.form == Form::none) continue;
    const bool is_for_programs = body.form == Form::other && GMIME_IS_PART(part);
    if (is_for_programs) parts_for_programs.push_back(part);
    add(is_for_programs ? for_programs : all, body);
  }
  if (all.form == Form::none) return for_programs;
  for (GMimeObject* const part : parts_for_programs) attach_text(part, mail);
  return all;
}

Body read_multipart(GMimeMultipart* multipart, Mail& mail) {
  GMimeObject* const object = GMIME_OBJECT(multipart);
  const std::string content_type = content_type_of(object);
  const char* boundary = g_mime_object_get_content_type_parameter(object, "boundary");
  if (boundary == nullptr) throw MailError(content_type + " without a boundary");
  if (g_mime_multipart_get_count(multipart) == 0) {
    throw MailError(content_type + " whose boundary \"" + std::string(boundary) +
                    "\" does not occur in the message");
  }
  return content_type == "multipart/alternative" ? read_alternatives(multipart, mail)
                                                 : read_all(multipart, mail);
}

Body read_part(GMimeObject* part, Mail& mail) {
  if (GMIME_IS_MULTIPART(part)) return read_multipart(GMIME_MULTIPART(part), mail);
  if (GMIME_IS_TEXT_PART(part) && !g_mime_part_is_attachment(GMIME_PART(part))) {
    const std::string text = text_of(GMIME_TEXT_PART(part), mail);
    const Form form = form_of(content_type_of(part));
    const bool has_tags = form == Form::html || form == Form::enriched || form == Form::amp;
    return {has_tags ? html_to_text(text) : text, form};
  }
  Attachment attachment;
  attachment.content_type = content_type_of(part);
  if (GMIME_IS_PART(part)) {
    attachment.file_name = text_or_empty(g_mime_part_get_filename(GMIME_PART(part)));
    attachment.size = decoded_content(GMIME_PART(part)).size();
  }
  mail.attachments.push_back(std::move(attachment));
  return {};
}

std::string date_of(GMimeMessage* message) {
  GDateTime* date = g_mime_message_get_date(message);
  if (date == nullptr) return {};
  const OwnedText text(g_date_time_format(date, "%Y-%m-%dT%H:%M:%S%:z"));
  return text_or_empty(text.get());
}

}  // namespace

Mail parse_mail(std::string_view message) {
  start_gmime();
  if (message.empty()) throw MailError("the message is empty");

  Mail mail;
  const std::unique_ptr<GMimeParserOptions, FreeParserOptions> options(g_mime_parser_options_new());
  // Text without an encoding is UTF-8 today, and was Windows-1252 before.
  const char* charsets[] = {"utf-8", "windows-1252", nullptr};
  g_mime_parser_options_set_fallback_charsets(options.get(), charsets);
  g_mime_parser_options_set_warning_callback(options.get(), remember_fault, &mail.warnings);

  const Owned<GMimeStream> stream(
      g_mime_stream_mem_new_with_buffer(message.data(), message.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> parsed(g_mime_parser_construct_message(parser.get(), options.get()));
  if (parsed == nullptr) throw MailError("the message does not begin with header lines");

  mail.from = first_address(g_mime_message_get_from(parsed.get()));
  if (mail.from.email.empty()) throw MailError("no From header with an address");
  mail.reply_to = first_address(g_mime_message_get_reply_to(parsed.get()));
  if (mail.reply_to.email.empty()) mail.reply_to = mail.from;
  mail.message_id = text_or_empty(g_mime_message_get_message_id(parsed.get()));
  mail.subject = with_single_spaces(text_or_empty(g_mime_message_get_subject(parsed.get())));
  mail.date = date_of(parsed.get());

  GMimeObject* body = g_mime_message_get_mime_part(parsed.get());
  if (body == nullptr) throw MailError("the message ends after its headers");
  mail.text = read_part(body, mail).text;
  return mail;
}

std::string compose_reply(const Mail& mail, const Address& from, std::string_view text) {
  start_gmime();
  const Owned<GMimeMessage> message(g_mime_message_new(TRUE));
  g_mime_message_add_mailbox(message.get(), GMIME_ADDRESS_TYPE_FROM, from.name.c_str(),
                             from.email.c_str());
  g_mime_message_add_mailbox(message.get(), GMIME_ADDRESS_TYPE_TO, mail.reply_to.name.c_str(),
                             mail.reply_to.email.c_str());
  const bool is_reply_already = g_ascii_strncasecmp(mail.subject.c_str(), "re:", 3) == 0;
  const std::string subject = is_reply_already ? mail.subject : "Re: " + mail.subject;
  g_mime_message_set_subject(message.get(), subject.c_str(), "utf-8");
  GDateTime* now = g_date_time_new_now_local();
  g_mime_message_set_date(message.get(), now);
  g_date_time_unref(now);
  if (!mail.message_id.empty()) {
    const std::string id = "<" + mail.message_id + ">";
    g_mime_object_set_header(GMIME_OBJECT(message.get()), "In-Reply-To", id.c_str(), nullptr);
    g_mime_object_set_header(GMIME_OBJECT(message.get()), "References", id.c_str(), nullptr);
  }
  const Owned<GMimeTextPart> part(g_mime_text_part_new_with_subtype("plain"));
  g_mime_text_part_set_charset(part.get(), "utf-8");
  g_mime_text_part_set_text(part.get(), std::string(text).c_str());
  g_mime_part_set_content_encoding(GMIME_PART(part.get()), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(part.get()));

  const OwnedText complete(g_mime_object_to_string(GMIME_OBJECT(message.get()), nullptr));
  return complete.get();
}

}  // namespace email_workflow
