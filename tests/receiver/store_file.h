// A folder of its own for a database file, for tests of what is on the disk.

#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "receiver/store.h"

namespace langfuse_test {

class StoreFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ + "/traces.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Why the file cannot be opened; "opened" if it can.
  std::string refusal() const {
    try {
      const langfuse_receiver::Store store(path_);
      return "opened";
    } catch (const langfuse_receiver::StoreError& error) {
      return error.what();
    }
  }

  std::string folder_;
  std::string path_;
};

}  // namespace langfuse_test
