// A folder of its own for a database file, for tests of what is on the disk.

#pragma once

#include <gtest/gtest.h>

#include <string>

#include "receiver/store/store.h"
#include "tests/support/temporary_folder.h"

namespace langfuse_test {

class StoreFile : public ::testing::Test {
 protected:
  // Why the file cannot be opened; "opened" if it can.
  std::string refusal() const {
    try {
      const langfuse_receiver::Store store(path_);
      return "opened";
    } catch (const langfuse_receiver::StoreError& error) {
      return error.what();
    }
  }

  const TemporaryFolder folder_;
  std::string path_ = folder_ / "traces.db";
};

}  // namespace langfuse_test
