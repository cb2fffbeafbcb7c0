// A spool directory with segments in it, for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "storage/spool_directory.h"
#include "tests/storage/segment_fixture.h"

namespace langfuse_test {

using langfuse::internal::OpenedSegment;
using langfuse::internal::OpenFor;
using langfuse::internal::project_digest;
using langfuse::internal::ProjectDigest;
using langfuse::internal::SpoolDirectory;
using langfuse::internal::StorageError;
using langfuse::internal::StorageFault;

inline const ProjectDigest project = project_digest("https://cloud.langfuse.com", "pk-lf-1");

inline SpoolDirectory opened(const std::string& path, const ProjectDigest& whose = project) {
  StorageError error;
  SpoolDirectory directory = SpoolDirectory::open(path, whose, error);
  EXPECT_FALSE(error) << error.message();
  return directory;
}

inline SegmentHead small_head() {
  SegmentHead head;
  head.block_bytes = 4096;
  head.blocks = 4;
  head.resource = "(resource)";
  return head;
}

// A new segment with these many records, by this process.
inline SegmentWriter written(const SpoolDirectory& directory, std::uint64_t records) {
  StorageError error;
  SegmentHead head = small_head();
  SegmentFile file = directory.create(head, error);
  EXPECT_FALSE(error) << error.message();
  SegmentWriter writer(std::move(file), head);
  for (std::uint64_t i = 1; i <= records; ++i) writer.append(numbered_record(i), "bytes");
  EXPECT_TRUE(writer.flush());
  return writer;
}

inline std::vector<std::string> names_in(const SpoolDirectory& directory) {
  StorageError error;
  std::vector<std::string> names = directory.list(error);
  EXPECT_FALSE(error) << error.message();
  return names;
}

inline std::filesystem::path only_entry(const std::filesystem::path& folder) {
  return std::filesystem::directory_iterator(folder)->path();
}

}  // namespace langfuse_test
