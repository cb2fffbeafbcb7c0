// The environment of a test: changed freely, restored when the test ends.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace langfuse::internal {

// Starts every test without any variable that the library reads.
class EnvironmentTest : public ::testing::Test {
 protected:
  EnvironmentTest() {
    for (char** entry = environ; *entry != nullptr; ++entry) before_.emplace_back(*entry);
    clearenv();
  }
  ~EnvironmentTest() override {
    clearenv();
    for (const std::string& entry : before_) {
      const std::size_t equals = entry.find('=');
      setenv(entry.substr(0, equals).c_str(), entry.c_str() + equals + 1, 1);
    }
  }

  static void set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

 private:
  std::vector<std::string> before_;
};

}  // namespace langfuse::internal
