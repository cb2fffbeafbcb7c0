#include "storage/spool_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/storage/disk_faults.h"
#include "tests/storage/in_child.h"
#include "tests/storage/spool_fixture.h"
#include "tests/support/temporary_folder.h"

namespace langfuse_test {
namespace {

StorageError error_of_opening(const std::string& path) {
  StorageError error;
  EXPECT_FALSE(SpoolDirectory::open(path, project, error));
  return error;
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(lstat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(SpoolDirectory, MakesWhatIsMissingForItsOwnerAlone) {
  const TemporaryFolder folder;
  const mode_t before = umask(0);

  const SpoolDirectory directory = opened(folder / "spool");
  const SegmentWriter writer = written(directory, 1);

  umask(before);
  const std::filesystem::path inner = only_entry(folder / "spool");
  EXPECT_EQ(mode_of(folder / "spool"), 0700U);
  EXPECT_EQ(mode_of(inner), 0700U);
  EXPECT_EQ(mode_of(only_entry(inner)), 0600U);
  EXPECT_EQ(inner.filename().string().size(), 32U);
}

TEST(SpoolDirectory, DoesNotMakeWhatItWouldLieIn) {
  const TemporaryFolder folder;

  const StorageError error = error_of_opening(folder / "missing/spool");

  EXPECT_EQ(error.message(), "directory " + folder / "missing/spool: No such file or directory");
}

TEST(SpoolDirectory, RefusesAFileAndALink) {
  const TemporaryFolder folder;
  folder.write("file", "");
  std::filesystem::create_directory(folder / "there");
  std::filesystem::create_directory_symlink(folder / "there", folder / "link");

  EXPECT_EQ(error_of_opening(folder / "file").fault, StorageFault::not_a_folder);
  EXPECT_EQ(error_of_opening(folder / "link").fault, StorageFault::not_a_folder);
  EXPECT_EQ(error_of_opening(folder / "link/").fault, StorageFault::not_a_folder);
}

TEST(SpoolDirectory, RefusesADirectoryThatOthersCanWriteTo) {
  const TemporaryFolder folder;
  const SpoolDirectory made = opened(folder / "spool");
  const std::filesystem::path inner = only_entry(folder / "spool");

  chmod(inner.c_str(), 0750);
  EXPECT_EQ(error_of_opening(folder / "spool").fault, StorageFault::not_private);
  chmod(inner.c_str(), 0700);
  chmod((folder / "spool").c_str(), 0777);
  EXPECT_EQ(error_of_opening(folder / "spool").fault, StorageFault::not_private);
  chmod((folder / "spool").c_str(), 0755);
  opened(folder / "spool");
}

TEST(SpoolDirectory, RefusesADirectoryOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "spool");
  ASSERT_EQ(chown((folder / "spool").c_str(), 65534, 65534), 0);

  EXPECT_EQ(error_of_opening(folder / "spool").fault, StorageFault::not_ours);
}

TEST(SpoolDirectory, ADirectoryThatCannotBeWrittenToIsSaid) {
  if (geteuid() != 0) GTEST_SKIP() << "needs another user to become";
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "spool");
  ASSERT_EQ(chown(folder.path().c_str(), 65534, 65534), 0);
  ASSERT_EQ(chown((folder / "spool").c_str(), 65534, 65534), 0);

  const int status = in_child([&] {
    if (setuid(65534) != 0) return 1;
    const SpoolDirectory directory = opened(folder / "spool");
    const std::filesystem::path inner = only_entry(folder / "spool");
    chmod(inner.c_str(), 0500);
    SegmentHead head = small_head();
    StorageError error;
    directory.create(head, error);
    return error.system_error == EACCES ? 0 : 2;
  });

  EXPECT_EQ(status, 0);
}

TEST(SpoolDirectory, ListsTheOldestFirst) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");

  const SegmentWriter first = written(directory, 1);
  const SegmentWriter second = written(directory, 1);
  const SegmentWriter third = written(directory, 1);

  EXPECT_EQ(
      names_in(directory),
      (std::vector<std::string>{first.file().name(), second.file().name(), third.file().name()}));
}

TEST(SpoolDirectory, AFullDiskIsSaidBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  SegmentHead head = small_head();
  StorageError error;

  {
    const DiskFault full(DiskCall::allocate, ENOSPC);
    EXPECT_FALSE(directory.create(head, error));
  }

  EXPECT_EQ(error.system_error, ENOSPC);
  EXPECT_TRUE(std::filesystem::is_empty(only_entry(folder / "spool")));
}

// A file system of 64 KiB that only the child sees, filled to the end and then made read-only.
TEST(SpoolDirectory, AFullAndAReadOnlyFileSystemAreSaidAndWhatIsThereIsRead) {
  constexpr int may_not_mount = 77;
  const TemporaryFolder folder;

  const int status = in_child([&] {
    const char* const place = folder.path().c_str();
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", place, "tmpfs", 0, "size=64k,mode=0700") != 0) {
      return may_not_mount;
    }
    SegmentHead head = small_head();
    StorageError error;
    const SpoolDirectory directory = opened(folder / "spool");
    while (!error) {
      SegmentWriter writer(directory.create(head, error), head);
      if (error) break;
      writer.append(numbered_record(1), "bytes");
      if (!writer.finish()) return 1;
    }
    if (error.system_error != ENOSPC) return 2;

    if (mount(nullptr, place, nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) return 3;
    const SpoolDirectory again = opened(folder / "spool");
    const std::vector<std::string> names = names_in(again);
    if (names.empty()) return 4;
    const StorageError refused = again.open_segment(names.front(), OpenFor::sending).error;
    if (refused.system_error != EROFS) return 5;
    const OpenedSegment seen = again.open_segment(names.front(), OpenFor::looking);
    if (read_segment(seen.file.descriptor()).numbers() != "1") return 6;
    again.create(head, error);
    return error.system_error == EROFS ? 0 : 7;
  });

  if (WEXITSTATUS(status) == may_not_mount) GTEST_SKIP() << "only root can mount";
  EXPECT_EQ(status, 0);
}

TEST(SpoolDirectory, AHeadThatCannotBeWrittenLeavesNoFile) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  SegmentHead head = small_head();
  StorageError error;

  {
    const DiskFault broken(DiskCall::write, EIO);
    EXPECT_FALSE(directory.create(head, error));
  }

  EXPECT_EQ(error.system_error, EIO);
  EXPECT_TRUE(std::filesystem::is_empty(only_entry(folder / "spool")));
}

// Else SIGXFSZ would end the program.
TEST(SpoolDirectory, ALimitOfTheSizeOfFilesIsAnErrorAndNoSignal) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");

  const int status = in_child([&] {
    const rlimit limit{10'000, 10'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    SegmentHead head = small_head();
    StorageError error;
    directory.create(head, error);
    return error.system_error == EFBIG ? 0 : 1;
  });

  EXPECT_EQ(status, 0);
}

TEST(SpoolDirectory, WhatAProcessDidNotCompleteIsRemoved) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  const std::filesystem::path inner = only_entry(folder / "spool");
  close(open((inner / "1-1-1.new").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const SegmentWriter writer = written(directory, 1);

  directory.remove_incomplete();

  EXPECT_EQ(names_in(directory).size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(inner / "1-1-1.new"));
}

TEST(SpoolDirectory, NoMoreFilesOpenIsAnErrorAndNothingIsLeft) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");

  const int status = in_child([&] {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
    StorageError error;
    SegmentHead head = small_head();
    directory.create(head, error);
    if (error.system_error != EMFILE) return 1;
    directory.list(error);
    return error.system_error == EMFILE ? 0 : 2;
  });

  EXPECT_EQ(status, 0);
  EXPECT_EQ(directory.sync_names(), 0);
}

}  // namespace
}  // namespace langfuse_test
