#include "examples/email_workflow/mailbox.h"

#include <gtest/gtest.h>

#include "examples/email_workflow/mail.h"
#include "tests/support/temporary_folder.h"

namespace email_workflow {
namespace {

using langfuse_test::TemporaryFolder;

TEST(Mailbox, OfAFolderIsItsEmlFilesInOrder) {
  const TemporaryFolder folder;
  folder.write("2.eml", "second");
  folder.write("1.eml", "first");
  folder.write("notes.txt", "not a message");

  const std::vector<RawMail> mails = read_mailbox(folder.path());

  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].name, "1.eml");
  EXPECT_EQ(mails[0].bytes, "first");
  EXPECT_EQ(mails[1].name, "2.eml");
}

TEST(Mailbox, OfOneFileIsThatMessage) {
  const TemporaryFolder folder;
  const auto file = folder.write("only.eml", "From: a@a.example\n\ntext\n");

  const std::vector<RawMail> mails = read_mailbox(file);

  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].name, "only.eml");
  EXPECT_EQ(mails[0].bytes, "From: a@a.example\n\ntext\n");
}

TEST(Mailbox, OfAnMboxFileIsSplitAndUnquoted) {
  const TemporaryFolder folder;
  const auto file = folder.write("inbox",
                                 "From a@a.example Mon Mar  2 09:14:02 2026\n"
                                 "From: a@a.example\n\none\n>From the start\nFrom here no split\n\n"
                                 "From b@b.example Mon Mar  2 09:15:00 2026\n"
                                 "From: b@b.example\n\n>>From twice\n");

  const std::vector<RawMail> mails = read_mailbox(file);

  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].name, "inbox#1");
  EXPECT_EQ(mails[0].bytes, "From: a@a.example\n\none\nFrom the start\nFrom here no split\n\n");
  EXPECT_EQ(mails[1].name, "inbox#2");
  EXPECT_EQ(mails[1].bytes, "From: b@b.example\n\n>From twice\n");
}

TEST(Mailbox, ThatIsNotThereIsNamed) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "nowhere";

  try {
    read_mailbox(path);
    FAIL() << "accepted";
  } catch (const MailboxError& error) {
    EXPECT_EQ(error.what(), "no such mailbox: " + path.string());
  }
}

TEST(Mailbox, WithoutMessagesIsNamed) {
  const TemporaryFolder folder;

  try {
    read_mailbox(folder.path());
    FAIL() << "accepted";
  } catch (const MailboxError& error) {
    EXPECT_EQ(error.what(), "no .eml file in " + folder.path().string());
  }
}

// What ships with the example: every form of mail that its documentation promises.
TEST(Mailbox, OfTheExampleHoldsOneBrokenMessageAndEightGoodOnes) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"01-plain-folded-headers.eml", "Where is my order A-1042?"},
      {"02-multipart-alternative.eml", "The app crashes after the firmware update"},
      {"03-quoted-printable-latin1.eml", "Lieferung für Bestellung A-1077: größere Lampe möglich?"},
      {"04-base64-utf8.eml", "Meeting about lamps for a café"},
      {"05-nested-with-attachment.eml", "Charged twice for invoice 2026-0318"},
      {"06-html-only.eml", "How do I clean the linen shade?"},
      {"07-spam.eml", "You have won €2,000,000"},
      {"08-broken-multipart.eml",
       "multipart/mixed whose boundary \"----=_Part_88_1f2e3d\" does not occur in the message"},
      {"09-unencoded-utf8-urgent.eml", "Urgent: can’t sign in to the dealer portal"}};

  std::vector<std::pair<std::string, std::string>> found;
  for (const RawMail& raw : read_mailbox(EXAMPLES_DATA "/mailbox")) {
    try {
      found.emplace_back(raw.name, parse_mail(raw.bytes).subject);
    } catch (const MailError& error) {
      found.emplace_back(raw.name, error.what());
    }
  }

  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace email_workflow
