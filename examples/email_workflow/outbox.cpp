#include "examples/email_workflow/outbox.h"

#include <stdlib.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace email_workflow {
namespace {

namespace fs = std::filesystem;

fs::path new_temporary_folder() {
  std::string path = (fs::temp_directory_path() / "email_outbox.XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    throw std::runtime_error("cannot create " + path + ": " +
                             std::generic_category().message(errno));
  }
  return path;
}

}  // namespace

Outbox::Outbox(fs::path folder)
    : folder_(folder.empty() ? new_temporary_folder() : std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error || !fs::is_directory(folder_)) {
    throw std::runtime_error("cannot create the outbox " + folder_.string() +
                             (error ? ": " + error.message() : ": it is a file"));
  }
}

fs::path Outbox::put(const std::string& name, const std::string& message) const {
  const fs::path path =
      folder_ / ("reply-to-" + name + (fs::path(name).extension() == ".eml" ? "" : ".eml"));
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << message;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
  return path;
}

}  // namespace email_workflow
