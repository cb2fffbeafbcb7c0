#include "receiver/base/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace langfuse_receiver {
namespace {

bool write_all(int file, const std::string& bytes) {
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t count = ::write(file, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    written += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<std::string> read_all(int file) {
  std::string bytes;
  std::array<char, 65'536> piece{};
  for (;;) {
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count == 0) {
      return bytes;
    }
    if (count < 0 && errno != EINTR) {
      return std::nullopt;
    }
    bytes.append(piece.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
  }
}

// "0750"
std::string octal(mode_t mode) {
  std::string text = "0";
  for (const unsigned shift : {6U, 3U, 0U}) {
    text += static_cast<char>('0' + ((mode >> shift) & 7U));
  }
  return text;
}

}  // namespace

std::string privacy_problem(const struct ::stat& status, mode_t forbidden) {
  if (status.st_uid != ::geteuid()) {
    return "it belongs to another user";
  }
  if ((status.st_mode & forbidden) != 0) {
    const mode_t wanted = S_ISDIR(status.st_mode) ? S_IRWXU : S_IRUSR | S_IWUSR;
    return "its mode " + octal(status.st_mode) + " lets other users in: make it " + octal(wanted);
  }
  return {};
}

std::string folder_problem(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? std::string() : std::strerror(errno);
  }
  if (S_ISLNK(status.st_mode)) {
    return "it is a symbolic link";
  }
  return S_ISDIR(status.st_mode) ? privacy_problem(status, S_IRWXG | S_IRWXO) : "it is no folder";
}

void write_private_file(const std::string& path, const std::string& bytes) {
  const std::string draft = path + ".part";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                          S_IRUSR | S_IWUSR);
  const bool is_written = file >= 0 && write_all(file, bytes);
  int problem = errno;
  if (file >= 0) {
    ::close(file);
  }
  if (is_written && std::rename(draft.c_str(), path.c_str()) == 0) {
    return;
  }
  problem = is_written ? errno : problem;
  ::unlink(draft.c_str());
  throw std::runtime_error("cannot write " + path + ": " + std::strerror(problem));
}

std::optional<std::string> read_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat status {};
  const bool is_regular = file >= 0 && ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  auto bytes = is_regular ? read_all(file) : std::nullopt;
  if (file >= 0) {
    ::close(file);
  }
  return bytes;
}

}  // namespace langfuse_receiver
