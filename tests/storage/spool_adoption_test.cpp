// Which process may send what another one has left.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "storage/spool_directory.h"
#include "tests/storage/in_child.h"
#include "tests/storage/spool_fixture.h"
#include "tests/support/temporary_folder.h"

namespace langfuse_test {
namespace {

using langfuse::internal::write_file;

StorageFault fault_of(const SpoolDirectory& directory, const std::string& name,
                      OpenFor purpose = OpenFor::sending) {
  return directory.open_segment(name, purpose).error.fault;
}

// Leaves segments of a process that has ended.
void leave_segments(const std::string& path, int segments, std::uint64_t records = 3) {
  ASSERT_EQ(in_child([&] {
              const SpoolDirectory directory = opened(path);
              for (int i = 0; i < segments; ++i) written(directory, records);
              return 0;
            }),
            0);
}

TEST(SpoolAdoption, AProcessDoesNotTakeOverWhatItWrites) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  std::string name;
  {
    const SegmentWriter writer = written(directory, 2);
    name = writer.file().name();

    EXPECT_EQ(fault_of(directory, name), StorageFault::in_use);
    EXPECT_EQ(fault_of(directory, name, OpenFor::looking), StorageFault::in_use);
  }

  const OpenedSegment left = directory.open_segment(name, OpenFor::sending);
  ASSERT_FALSE(left.error) << left.error.message();
  EXPECT_EQ(read_segment(left.file.descriptor()).numbers(), "1 2");
}

TEST(SpoolAdoption, AFileOfAnotherCopyOfTheLibraryInThisProcessIsLeftAlone) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  std::string name;
  {
    const SegmentWriter writer = written(directory, 1);
    name = writer.file().name();
    SegmentHead head = decoded_head(writer.file().descriptor()).head;
    ++head.owner.copy;
    const std::string heads = encode_heads(head);
    ASSERT_EQ(write_file(writer.file().descriptor(), heads.data(), heads.size(), 0), 0);
  }

  EXPECT_EQ(fault_of(directory, name), StorageFault::in_use);
}

TEST(SpoolAdoption, WhatAnotherProcessWritesIsLeftAloneUntilItEnds) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  const SegmentWriter writer = written(directory, 2);
  const std::string name = writer.file().name();

  // Another process may look at it, and that does not free the lock.
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(in_child([&] {
                const OpenedSegment seen = directory.open_segment(name, OpenFor::looking);
                if (read_segment(seen.file.descriptor()).numbers() != "1 2") return 1;
                return 0;
              }),
              0);
    EXPECT_EQ(in_child([&] { return fault_of(directory, name) == StorageFault::in_use ? 0 : 1; }),
              0);
  }
}

TEST(SpoolAdoption, WithoutALockAProcessThatRunsStillKeepsItsFile) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  const SegmentWriter writer = written(directory, 1);
  // A second descriptor, as careless code may have one: to close it ends the lock.
  close(dup(writer.file().descriptor()));

  EXPECT_EQ(in_child([&] {
              return fault_of(directory, writer.file().name()) == StorageFault::in_use ? 0 : 1;
            }),
            0);
}

TEST(SpoolAdoption, ASegmentOfADeadProcessIsTakenOver) {
  const TemporaryFolder folder;
  leave_segments(folder / "spool", 1);
  const SpoolDirectory directory = opened(folder / "spool");

  OpenedSegment taken = directory.open_segment(names_in(directory).front(), OpenFor::sending);

  ASSERT_FALSE(taken.error) << taken.error.message();
  EXPECT_EQ(read_segment(taken.file.descriptor()).numbers(), "1 2 3");
  EXPECT_EQ(taken.decoded.head.resource, "(resource)");
  EXPECT_TRUE(directory.remove(taken.file));
  EXPECT_TRUE(directory.remove(taken.file));
  EXPECT_TRUE(names_in(directory).empty());
}

// The child inherits the descriptor, and lives on.
TEST(SpoolAdoption, AForkedChildDoesNotKeepThePlaceOfItsDeadParent) {
  const TemporaryFolder folder;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  pid_t grandchild = 0;
  ASSERT_EQ(in_child([&] {
              const SpoolDirectory directory = opened(folder / "spool");
              const SegmentWriter writer = written(directory, 2);
              const pid_t child = fork();
              if (child == 0) {
                pause();
                _exit(0);
              }
              return write(ends[1], &child, sizeof(child)) == sizeof(child) ? 0 : 1;
            }),
            0);
  ASSERT_EQ(read(ends[0], &grandchild, sizeof(grandchild)),
            static_cast<ssize_t>(sizeof(grandchild)));
  close(ends[0]);
  close(ends[1]);
  const SpoolDirectory directory = opened(folder / "spool");

  const StorageFault fault = fault_of(directory, names_in(directory).front());

  kill(grandchild, SIGKILL);
  EXPECT_EQ(fault, StorageFault::none);
}

TEST(SpoolAdoption, OfSeveralProcessesOneTakesEachSegment) {
  constexpr int processes = 4;
  constexpr int segments = 12;
  const TemporaryFolder folder;
  leave_segments(folder / "spool", segments);
  int gate[2];
  int results[2];
  ASSERT_EQ(pipe2(gate, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(results, O_CLOEXEC), 0);

  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    close(gate[1]);
    char nothing = 0;
    if (read(gate[0], &nothing, 1) != 0) _exit(1);  // until the gate is closed
    const SpoolDirectory directory = opened(folder / "spool");
    int taken = 0;
    for (const std::string& name : names_in(directory)) {
      const OpenedSegment segment = directory.open_segment(name, OpenFor::sending);
      if (segment.error) continue;
      if (read_segment(segment.file.descriptor()).numbers() == "1 2 3") ++taken;
      directory.remove(segment.file);
    }
    _exit(write(results[1], &taken, sizeof(taken)) == sizeof(taken) ? 0 : 1);
  }
  close(gate[0]);
  close(gate[1]);
  close(results[1]);
  int all = 0;
  for (int taken = 0; read(results[0], &taken, sizeof(taken)) > 0;) all += taken;
  close(results[0]);
  for (const pid_t child : children) {
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }

  EXPECT_EQ(all, segments);
  EXPECT_TRUE(names_in(opened(folder / "spool")).empty());
}

// A descriptor that another thread of the process closes would end the lock of the first.
TEST(SpoolAdoption, OfSeveralThreadsOneTakesEachSegment) {
  constexpr int segments = 12;
  const TemporaryFolder folder;
  leave_segments(folder / "spool", segments);
  const SpoolDirectory directory = opened(folder / "spool");
  std::atomic<int> taken{0};

  const auto take_all = [&] {
    StorageError error;
    // Two that come at once may both give up; the next look finds the segment again.
    for (std::vector<std::string> names = directory.list(error); !names.empty();
         names = directory.list(error)) {
      for (const std::string& name : names) {
        const OpenedSegment segment = directory.open_segment(name, OpenFor::sending);
        if (segment.error) continue;
        ++taken;
        directory.remove(segment.file);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(take_all);
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(taken, segments);
}

// Writes until it is killed, and says after each `flush` which record was the last one.
[[noreturn]] void write_for_ever(const std::string& path, int acknowledged) {
  const SpoolDirectory directory = opened(path);
  std::uint64_t number = 0;
  while (true) {
    StorageError error;
    SegmentHead head = small_head();
    head.blocks = 16;
    SegmentWriter writer(directory.create(head, error), head);
    while (true) {
      const std::string bytes(10 + number * 37 % 6000, static_cast<char>(number));
      if (writer.append(numbered_record(number + 1), bytes) != Appended::done) break;
      ++number;
      const bool is_told = writer.flush() && write(acknowledged, &number, sizeof(number)) > 0;
      if (!is_told) _exit(1);
    }
    writer.finish();
  }
}

TEST(SpoolAdoption, WhatAKilledProcessHadFlushedIsThere) {
  for (std::uint64_t kill_after = 1; kill_after < 400; kill_after += 23) {
    const TemporaryFolder folder;
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    if (child == 0) write_for_ever(folder / "spool", ends[1]);
    close(ends[1]);
    std::uint64_t flushed = 0;
    bool is_killed = false;
    for (std::uint64_t number = 0; read(ends[0], &number, sizeof(number)) > 0;) {
      flushed = number;
      if (flushed < kill_after || is_killed) continue;
      kill(child, SIGKILL);
      is_killed = true;
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);

    const SpoolDirectory directory = opened(folder / "spool");
    directory.remove_incomplete();
    std::uint64_t next = 1;
    for (const std::string& name : names_in(directory)) {
      const OpenedSegment segment = directory.open_segment(name, OpenFor::sending);
      ASSERT_FALSE(segment.error) << segment.error.message();
      for (const ReadRecord& record : read_segment(segment.file.descriptor()).records) {
        ASSERT_EQ(record.sequence, next) << "killed after " << kill_after;
        ++next;
      }
    }
    EXPECT_GT(next, flushed) << "killed after " << kill_after;
  }
}

TEST(SpoolAdoption, AnotherProjectHasAnotherDirectory) {
  const TemporaryFolder folder;
  leave_segments(folder / "spool", 1);

  const SpoolDirectory other =
      opened(folder / "spool", project_digest("https://cloud.langfuse.com", "pk-lf-2"));
  const SpoolDirectory elsewhere =
      opened(folder / "spool", project_digest("https://us.cloud.langfuse.com", "pk-lf-1"));

  EXPECT_TRUE(names_in(other).empty());
  EXPECT_TRUE(names_in(elsewhere).empty());
}

TEST(SpoolAdoption, AFileOfAnotherProjectIsNotSent) {
  const TemporaryFolder folder;
  leave_segments(folder / "spool", 1);
  const std::filesystem::path inner = only_entry(folder / "spool");
  const SpoolDirectory other =
      opened(folder / "spool", project_digest("https://cloud.langfuse.com", "pk-lf-2"));
  for (const auto& entry : std::filesystem::directory_iterator(folder / "spool")) {
    if (entry.path() != inner) {
      std::filesystem::rename(only_entry(inner), entry.path() / "1-1-1.lfs");
    }
  }

  EXPECT_EQ(fault_of(other, "1-1-1.lfs"), StorageFault::other_project);
  EXPECT_EQ(names_in(other).size(), 1U);  // left alone
}

TEST(SpoolAdoption, AFileOfALaterVersionIsLeftAlone) {
  const TemporaryFolder folder;
  leave_segments(folder / "spool", 1);
  const SpoolDirectory directory = opened(folder / "spool");
  const std::string name = names_in(directory).front();
  {
    const OpenedSegment segment = directory.open_segment(name, OpenFor::sending);
    for (const std::uint64_t head : {std::uint64_t{0}, std::uint64_t{4096}}) {
      ASSERT_EQ(write_file(segment.file.descriptor(), "\x09", 1, head + 8), 0);
    }
  }

  EXPECT_EQ(fault_of(directory, name), StorageFault::newer_format);
  EXPECT_EQ(names_in(directory).size(), 1U);
}

TEST(SpoolAdoption, AFileWithoutAHeadCanBeSetAside) {
  const TemporaryFolder folder;
  const SpoolDirectory directory = opened(folder / "spool");
  const std::filesystem::path inner = only_entry(folder / "spool");
  const int file = open((inner / "1-1-1.lfs").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  close(file);

  {
    const OpenedSegment segment = directory.open_segment("1-1-1.lfs", OpenFor::sending);
    EXPECT_EQ(segment.error.fault, StorageFault::damaged_head);
    EXPECT_TRUE(directory.set_aside(segment.file));
  }

  EXPECT_TRUE(names_in(directory).empty());
  EXPECT_TRUE(std::filesystem::exists(inner / "1-1-1.lfs.damaged"));
}

TEST(SpoolAdoption, LinksPipesAndFilesThatOthersCanReadAreNotOpened) {
  const TemporaryFolder folder;
  leave_segments(folder / "spool", 1);
  const SpoolDirectory directory = opened(folder / "spool");
  const std::filesystem::path inner = only_entry(folder / "spool");
  const std::filesystem::path segment = only_entry(inner);

  std::filesystem::create_symlink(segment, inner / "1.lfs");
  EXPECT_EQ(fault_of(directory, "1.lfs"), StorageFault::not_a_segment_file);
  ASSERT_EQ(mkfifo((inner / "2.lfs").c_str(), 0600), 0);
  EXPECT_EQ(fault_of(directory, "2.lfs"), StorageFault::not_a_segment_file);
  chmod(segment.c_str(), 0640);
  EXPECT_EQ(fault_of(directory, segment.filename()), StorageFault::not_a_segment_file);
  chmod(segment.c_str(), 0600);
  std::filesystem::create_hard_link(segment, inner / "3.lfs");
  EXPECT_EQ(fault_of(directory, "3.lfs"), StorageFault::not_a_segment_file);
  EXPECT_EQ(fault_of(directory, "4.lfs"), StorageFault::gone);
}

}  // namespace
}  // namespace langfuse_test
