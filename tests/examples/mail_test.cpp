#include "examples/email_workflow/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace email_workflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string text_mail(const std::string& headers, const std::string& body) {
  return "From: Ann <ann@a.example>\n" + headers + "\n" + body;
}

struct HeaderCase {
  const char* name;
  const char* header;
  const char* subject;
};

class MailSubject : public ::testing::TestWithParam<HeaderCase> {};

TEST_P(MailSubject, IsUnfoldedAndDecoded) {
  const Mail mail = parse_mail(text_mail(GetParam().header, "text\n"));

  EXPECT_EQ(mail.subject, GetParam().subject);
}

INSTANTIATE_TEST_SUITE_P(
    Table, MailSubject,
    ::testing::Values(
        HeaderCase{"Plain", "Subject: A lamp\n", "A lamp"},
        HeaderCase{"Missing", "X-Other: A lamp\n", ""},
        HeaderCase{"FoldedWithSpace", "Subject: A\n very long\n  lamp\n", "A very long lamp"},
        HeaderCase{"FoldedWithTabAndCrLf", "Subject: A\r\n\tlamp\r\n", "A lamp"},
        HeaderCase{"NameInAnyCase", "sUbJeCt: A lamp\n", "A lamp"},
        HeaderCase{"EncodedQ", "Subject: =?iso-8859-1?Q?gr=F6=DFere_Lampe?=\n", "größere Lampe"},
        HeaderCase{"EncodedB", "Subject: =?UTF-8?B?xYHDs2TFug==?=\n", "Łódź"},
        HeaderCase{"EncodedInLowerCase", "Subject: =?utf-8?b?xYHDs2TFug==?=\n", "Łódź"},
        HeaderCase{"AdjacentWordsAreJoined", "Subject: =?utf-8?Q?caf=C3?=\n =?utf-8?Q?=A9?=\n",
                   "café"},
        HeaderCase{"WordsAmongText", "Subject: Re: =?windows-1252?Q?=80_5?= please\n",
                   "Re: € 5 please"},
        HeaderCase{"WithLanguage", "Subject: =?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=\n", "Grüße"},
        HeaderCase{"EncodedAndNotInItsCharset", "Subject: =?utf-8?Q?caf=E9_au_lait?= please\n",
                   "caf? au lait please"},
        HeaderCase{"RawUtf8", "Subject: Łódź\n", "Łódź"},
        HeaderCase{"RawWindows", "Subject: caf\xE9 \x80\n", "café €"}),
    [](const auto& test) { return test.param.name; });

struct BodyCase {
  const char* name;
  const char* headers;
  const char* body;
  const char* text;
};

class MailText : public ::testing::TestWithParam<BodyCase> {};

TEST_P(MailText, IsDecodedToUtf8) {
  const Mail mail = parse_mail(text_mail(GetParam().headers, GetParam().body));

  EXPECT_EQ(mail.text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, MailText,
    ::testing::Values(
        BodyCase{"WithoutContentType", "", "plain\n", "plain\n"},
        BodyCase{"CrLf", "Content-Type: text/plain\r\n", "one\r\ntwo\r\n", "one\ntwo\n"},
        BodyCase{"QuotedPrintableSoftBreak", "Content-Transfer-Encoding: quoted-printable\n",
                 "one=\n two=3D=\nthree\n", "one two=three\n"},
        BodyCase{"QuotedPrintableLatin1",
                 "Content-Type: text/plain; charset=iso-8859-1\n"
                 "Content-Transfer-Encoding: Quoted-Printable\n",
                 "Gr=FC=DFe\n", "Grüße\n"},
        BodyCase{"QuotedPrintableWithStrayPercentAndEquals",
                 "Content-Transfer-Encoding: quoted-printable\n", "1 =ZZ 2\n", "1 =ZZ 2\n"},
        BodyCase{"Windows1252",
                 "Content-Type: text/plain; charset=\"windows-1252\"\n"
                 "Content-Transfer-Encoding: 8bit\n",
                 "\x80 5 \x96 \x84yes\x93\n", "€ 5 – „yes“\n"},
        BodyCase{"Base64",
                 "Content-Type: text/plain; charset=UTF-8\n"
                 "Content-Transfer-Encoding: BASE64\n",
                 "xYHDs2\nTFugo=\n", "Łódź\n"},
        BodyCase{"Base64WithListFooter",
                 "Content-Type: text/plain; charset=UTF-8\n"
                 "Content-Transfer-Encoding: base64\n",
                 "xYHDs2TFugo=\n_______\nlist@b.example\n", "Łódź\n"},
        BodyCase{"CharsetAfterOtherParametersAndComment",
                 "Content-Type: text/plain; format=flowed; charset=iso-8859-1 (Latin)\n",
                 "\xE9t\xE9\n", "été\n"},
        BodyCase{"FoldedContentType", "Content-Type: text/plain;\n\tcharset=\"iso-8859-1\"\n",
                 "\xE9\n", "é\n"},
        BodyCase{"Html", "Content-Type: text/html; charset=utf-8\n", "<p>One &amp; <b>two</b></p>",
                 "One & two\n"},
        BodyCase{"PlainBeforeHtml", "Content-Type: multipart/alternative; boundary=b\n",
                 "preamble\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n",
                 "plain"},
        BodyCase{"PlainAfterHtml", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\nContent-Type: text/html\n\n<p>rich</p>\n--b\n\nplain\n--b--\nepilogue\n",
                 "plain"},
        BodyCase{"BoundaryWithSpecialCharacters",
                 "Content-Type: multipart/mixed; boundary=\"=_a (1):?/x\"\n",
                 "--=_a (1):?/x\n\nplain\n--=_a (1):?/x--\n", "plain"},
        BodyCase{"SeveralTextParts", "Content-Type: multipart/mixed; boundary=b\n",
                 "--b\n\none\n--b\n\ntwo\n--b--\n", "one\ntwo"},
        BodyCase{"NestedAlternative", "Content-Type: multipart/mixed; boundary=o\n",
                 "--o\nContent-Type: multipart/alternative; boundary=i\n\n"
                 "--i\n\nplain\n--i\nContent-Type: text/html\n\n<p>rich</p>\n--i--\n"
                 "--o\nContent-Type: text/plain\nContent-Disposition: attachment; "
                 "filename=a.txt\n\nattached\n--o--\n",
                 "plain"},
        BodyCase{"WithoutClosingBoundary", "Content-Type: multipart/mixed; boundary=b\n",
                 "--b\n\ncut off here", "cut off here"},
        // Only text/plain is the plain text, wherever it stands among the alternatives.
        BodyCase{"Invitation", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich</p>\n"
                 "--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--\n",
                 "plain"},
        BodyCase{"InvitationWithoutPlainText", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\nContent-Type: text/html\n\n<p>rich</p>\n"
                 "--b\nContent-Type: Text/Calendar\n\nBEGIN:VCALENDAR\n--b--\n",
                 "rich\n"},
        BodyCase{"Amp", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\n\nplain\n--b\nContent-Type: text/x-amp-html\n\n<html amp4email>x</html>\n"
                 "--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n",
                 "plain"},
        BodyCase{"AmpAfterHtml", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\nContent-Type: text/html\n\n<p>rich</p>\n"
                 "--b\nContent-Type: text/x-amp-html\n\n<p>lively</p>\n--b--\n",
                 "rich\n"},
        BodyCase{"Enriched", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\n\nplain\n--b\nContent-Type: text/enriched\n\n<bold>rich</bold>\n--b--\n",
                 "plain"},
        BodyCase{"EnrichedAlone", "Content-Type: text/enriched\n", "<bold>One</bold> two",
                 "One two\n"},
        BodyCase{"UnheardOf", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\n\nplain\n--b\nContent-Type: text/x-tomorrow\n\n{{x}}\n--b--\n", "plain"},
        BodyCase{"CalendarBesideText", "Content-Type: multipart/mixed; boundary=b\n",
                 "--b\n\nplain\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--b--\n",
                 "plain"},
        BodyCase{"CalendarAlone", "Content-Type: text/calendar\n", "BEGIN:VCALENDAR\n",
                 "BEGIN:VCALENDAR\n"},
        BodyCase{"AlternativeOfUnknownCharset", "Content-Type: multipart/alternative; boundary=b\n",
                 "--b\n\nplain\n"
                 "--b\nContent-Type: text/html; charset=klingon\n\n<p>rich</p>\n--b--\n",
                 "plain"},
        // Bytes that are not in the declared charset are replaced one by one, and cost no other.
        BodyCase{"NotUtf8", "Content-Type: text/plain; charset=utf-8\n",
                 "caf\xE9 au lait, please\n", "caf\uFFFD au lait, please\n"},
        BodyCase{"Utf8CutOff", "Content-Type: text/plain; charset=utf-8\n", "5 \xE2\x82",
                 "5 \uFFFD\uFFFD"},
        BodyCase{"NotUtf8InQuotedPrintable",
                 "Content-Type: text/plain; charset=utf-8\n"
                 "Content-Transfer-Encoding: quoted-printable\n",
                 "one =E9 two =FC three\n", "one \uFFFD two \uFFFD three\n"},
        BodyCase{"NotUtf8InHtml", "Content-Type: text/html; charset=utf-8\n",
                 "<p>caf\xE9</p><p>tea</p>", "caf\uFFFD\ntea\n"},
        BodyCase{"NotShiftJis", "Content-Type: text/plain; charset=shift_jis\n",
                 "\x93\xFA\x96\x7B \xFD end\n", "日本 \uFFFD end\n"},
        BodyCase{"LoneSurrogateInUtf16",
                 "Content-Type: text/plain; charset=utf-16be\n"
                 "Content-Transfer-Encoding: base64\n",
                 "AGHYAABi\n", "a\uFFFDb"},
        BodyCase{"HoleInWindows1252", "Content-Type: text/plain; charset=windows-1252\n",
                 "a\x81z\n", "a\uFFFDz\n"},
        BodyCase{"WindowsCalledLatin1", "Content-Type: text/plain; charset=iso-8859-1\n",
                 "\x80 5 \x96 caf\xE9\n", "€ 5 – café\n"},
        BodyCase{"Utf8CalledAscii", "Content-Type: text/plain; charset=us-ascii\n", "café\n",
                 "café\n"},
        BodyCase{"WindowsCalledAscii", "Content-Type: text/plain; charset=us-ascii\n", "caf\xE9\n",
                 "café\n"},
        BodyCase{"WindowsCalledNothing", "", "caf\xE9 \x80\n", "café €\n"},
        BodyCase{"ByteOrderMark", "Content-Type: text/plain; charset=utf-8\n", "\xEF\xBB\xBFx\n",
                 "x\n"},
        BodyCase{"Null",
                 "Content-Type: text/plain; charset=utf-8\n"
                 "Content-Transfer-Encoding: quoted-printable\n",
                 "one =00 two\n", "one \uFFFD two\n"},
        BodyCase{"OnlyAnAttachment", "Content-Type: application/pdf\n", "%PDF", ""}),
    [](const auto& test) { return test.param.name; });

struct BrokenCase {
  const char* name;
  const char* message;
  const char* what;
};

class BrokenMail : public ::testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenMail, IsRefusedWithWhatIsWrong) {
  try {
    parse_mail(GetParam().message);
    FAIL() << "accepted";
  } catch (const MailError& error) {
    EXPECT_STREQ(error.what(), GetParam().what);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenMail,
    ::testing::Values(
        BrokenCase{"Empty", "", "the message is empty"},
        BrokenCase{"NoHeaders", "Dear all,\nthis is a letter.\n",
                   "the message does not begin with header lines"},
        BrokenCase{"NoFrom", "Subject: x\n\ntext\n", "no From header with an address"},
        BrokenCase{"FromWithoutAddress", "From: \nSubject: x\n\ntext\n",
                   "no From header with an address"},
        BrokenCase{"NoBoundary", "From: a@b.example\nContent-Type: multipart/mixed\n\n--b\n\nx\n",
                   "multipart/mixed without a boundary"},
        BrokenCase{"BoundaryDoesNotOccur",
                   "From: a@b.example\nContent-Type: multipart/mixed; boundary=zz\n\nphotos\n",
                   "multipart/mixed whose boundary \"zz\" does not occur in the message"},
        BrokenCase{"UnknownCharset",
                   "From: a@b.example\nContent-Type: text/plain; charset=klingon\n\nx\n",
                   "the text/plain part has the unknown charset \"klingon\""},
        BrokenCase{"NotBase64",
                   "From: a@b.example\nContent-Transfer-Encoding: base64\n\nnot base64!\n",
                   "the text/plain part says it is base64 and has the byte 33"}),
    [](const auto& test) { return test.param.name; });

TEST(Mail, HasTheDecodedNameOfItsSender) {
  const Mail mail = parse_mail("From: =?iso-8859-1?Q?J=FCrgen_H=F6=DF?= <j@h.example>\n\ntext\n");

  EXPECT_EQ(mail.from.name, "Jürgen Höß");
  EXPECT_EQ(mail.from.email, "j@h.example");
}

TEST(Mail, IsAnsweredToItsReplyToAddress) {
  const Mail mail =
      parse_mail("From: a@a.example\nReply-To: \"Desk, Front\" <desk@a.example>\n\ntext\n");

  EXPECT_EQ(mail.from.email, "a@a.example");
  EXPECT_EQ(mail.reply_to.email, "desk@a.example");
  EXPECT_EQ(mail.reply_to.name, "Desk, Front");
}

TEST(Mail, IsAnsweredToItsSenderWithoutReplyTo) {
  const Mail mail = parse_mail("From: Ann <ann@a.example>\n\ntext\n");

  EXPECT_EQ(mail.reply_to.email, "ann@a.example");
}

TEST(Mail, ListsItsAttachmentsWithTheirDecodedSize) {
  const Mail mail = parse_mail(
      "From: a@a.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\n"
      "Content-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: base64\n"
      "Content-Disposition: attachment; filename*=utf-8''M%C3%A4rz.pdf\n\nJVBERg==\n--b--\n");

  ASSERT_EQ(mail.attachments.size(), 1U);
  EXPECT_EQ(mail.attachments[0].file_name, "März.pdf");
  EXPECT_EQ(mail.attachments[0].content_type, "application/pdf");
  EXPECT_EQ(mail.attachments[0].size, 4U);
}

TEST(Mail, HasItsDateInIsoForm) {
  const Mail mail =
      parse_mail("From: a@a.example\nDate: Tue, 3 Mar 2026 07:58:30 +0100 (MEZ)\n\ntext\n");

  EXPECT_EQ(mail.date, "2026-03-03T07:58:30+01:00");
}

TEST(Mail, HasNoWarningsWhenNothingIsWrong) {
  const Mail mail = parse_mail("From: a@a.example\nSubject: x\n\ntext\n");

  EXPECT_THAT(mail.warnings, IsEmpty());
}

TEST(Mail, WarnsOfAFaultThatItCanBeReadIn) {
  const Mail mail = parse_mail("From: a@a.example\nContent-Type: ???\n\ntext\n");

  EXPECT_THAT(mail.warnings, ElementsAre(HasSubstr("the content type cannot be read")));
}

TEST(Mail, WarnsOfWhatIsNotInItsCharset) {
  const Mail mail =
      parse_mail("From: a@a.example\nContent-Type: text/plain; charset=utf-8\n\ncaf\xE9 \xFC\n");

  EXPECT_THAT(mail.warnings, ElementsAre("the text/plain part is not all utf-8: replaced 2 of its "
                                         "characters by U+FFFD"));
}

TEST(Mail, WarnsOfAnAlternativeThatCannotBeRead) {
  const Mail mail = parse_mail(
      "From: a@a.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
      "--b\nContent-Type: text/html; charset=klingon\n\n<p>rich</p>\n--b--\n");

  EXPECT_THAT(mail.warnings,
              ElementsAre("left out of the alternatives: the text/html part has the unknown "
                          "charset \"klingon\""));
}

TEST(Mail, AttachesACalendarThatStandsBesideItsText) {
  const Mail mail = parse_mail(
      "From: a@a.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\n"
      "Content-Type: text/calendar; name=visit.ics\n\nBEGIN:VCALENDAR\n--b--\n");

  ASSERT_EQ(mail.attachments.size(), 1U);
  EXPECT_EQ(mail.attachments[0].file_name, "visit.ics");
  EXPECT_EQ(mail.attachments[0].content_type, "text/calendar");
}

TEST(Reply, IsAMessageThatParsesBackToTheSameText) {
  const Mail mail = parse_mail(
      "From: =?utf-8?B?xYHDs2TFug==?= <l@l.example>\nSubject: =?utf-8?Q?caf=C3=A9?=\n"
      "Message-ID: <17@l.example>\n\ntext\n");

  const std::string message = compose_reply(mail, {"Lamps", "s@s.example"}, "Zażółć = 5 €\nbye\n");

  EXPECT_THAT(message, HasSubstr("In-Reply-To: <17@l.example>\n"));
  EXPECT_THAT(message, HasSubstr("<l@l.example>"));
  const Mail reply = parse_mail(message);
  EXPECT_EQ(reply.subject, "Re: café");
  EXPECT_EQ(reply.text, "Zażółć = 5 €\nbye\n");
  EXPECT_EQ(reply.from.email, "s@s.example");
}

TEST(Reply, DoesNotRepeatTheReplyMark) {
  const Mail mail = parse_mail("From: a@a.example\nSubject: RE: lamp\n\ntext\n");

  const Mail reply = parse_mail(compose_reply(mail, {"", "s@s.example"}, "x"));

  EXPECT_EQ(reply.subject, "RE: lamp");
}

}  // namespace
}  // namespace email_workflow
