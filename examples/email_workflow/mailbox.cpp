#include "examples/email_workflow/mailbox.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace email_workflow {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw MailboxError("cannot read " + path.string());
  return bytes;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// A line `From …` after an empty line begins the next message; one of the text is quoted as
// `>From …` (mboxrd).
std::vector<RawMail> split_mbox(const std::string& name, std::string_view bytes) {
  std::vector<RawMail> mails;
  bool after_empty_line = true;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t length = end == std::string_view::npos ? bytes.size() : end + 1;
    std::string_view line = bytes.substr(0, length);
    bytes.remove_prefix(length);
    if (after_empty_line && starts_with(line, "From ")) {
      mails.push_back({name + "#" + std::to_string(mails.size() + 1), {}});
      after_empty_line = false;
      continue;
    }
    after_empty_line = line == "\n" || line == "\r\n";
    const std::size_t quotes = line.find_first_not_of('>');
    if (quotes != 0 && quotes != std::string_view::npos &&
        starts_with(line.substr(quotes), "From ")) {
      line.remove_prefix(1);
    }
    mails.back().bytes += line;
  }
  return mails;
}

std::vector<RawMail> read_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".eml" && entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) throw MailboxError("no .eml file in " + folder.string());
  std::sort(files.begin(), files.end());
  std::vector<RawMail> mails;
  for (const fs::path& file : files) {
    mails.push_back({file.filename().string(), read_file(file)});
  }
  return mails;
}

}  // namespace

std::vector<RawMail> read_mailbox(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw MailboxError("no such mailbox: " + path.string());
  try {
    if (fs::is_directory(status)) return read_folder(path);
  } catch (const fs::filesystem_error& failure) {
    throw MailboxError("cannot read " + path.string() + ": " + failure.code().message());
  }
  std::string bytes = read_file(path);
  if (starts_with(bytes, "From ")) return split_mbox(path.filename().string(), bytes);
  std::vector<RawMail> mails;
  mails.push_back({path.filename().string(), std::move(bytes)});
  return mails;
}

}  // namespace email_workflow
