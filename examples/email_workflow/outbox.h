// The folder that answers are written to, one `.eml` file each: where a mail server would pick
// them up.
#pragma once

#include <filesystem>
#include <string>

namespace email_workflow {

class Outbox {
 public:
  // Creates `folder` when it is not there; an empty path stands for a new folder among the
  // temporary files. Throws `std::runtime_error`, naming the folder, when that cannot be done.
  explicit Outbox(std::filesystem::path folder);

  const std::filesystem::path& folder() const { return folder_; }

  // Writes the answer to the message called `name` and returns its path; an earlier answer to it
  // is replaced. Throws `std::runtime_error`, naming the file.
  std::filesystem::path put(const std::string& name, const std::string& message) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace email_workflow
