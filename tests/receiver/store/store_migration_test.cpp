// Databases that older versions of the program made.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "receiver/store/store.h"
#include "tests/receiver/store/store_file.h"
#include "tests/receiver/store/store_schema_v1.h"

namespace {

using langfuse_receiver::ObservationQuery;
using langfuse_receiver::Store;

class StoreMigration : public langfuse_test::StoreFile {
 protected:
  // A file of version 1 with one trace: a root and a generation below it.
  void make_version_1() const {
    SQLite::Database old(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    old.exec(langfuse_test::schema_v1);
    old.exec(langfuse_test::rows_v1);
  }
};

TEST_F(StoreMigration, RowsOfVersion1AreKept) {
  make_version_1();

  Store store(path_);

  const auto rows = store.find(ObservationQuery{});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "answer");
  EXPECT_EQ(rows[0].input, "why is the sky blue");
  EXPECT_EQ(rows[0].metadata.dump(), R"({"attempt":"2"})");
  EXPECT_EQ(rows[0].warnings.dump(), "[]");
  EXPECT_EQ(rows[1].name, "request");
}

TEST_F(StoreMigration, TracesOfVersion1AreAddedUpAndSearchable) {
  make_version_1();

  Store store(path_);

  const auto trace = store.trace("t1");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->name, "order");
  EXPECT_EQ(trace->root_name, "request");
  EXPECT_EQ(trace->user_id, "ada");
  EXPECT_EQ(trace->tags, R"(["blue"])");
  EXPECT_EQ(trace->observations, 2);
  EXPECT_EQ(trace->errors, 1);
  EXPECT_EQ(trace->tokens, 7);
  EXPECT_EQ(store.search("rayleigh", 10).hits.size(), 1U);
}

TEST_F(StoreMigration, AMigratedFileIsOpenedAgainAsItIs) {
  make_version_1();
  { const Store store(path_); }

  Store again(path_);

  EXPECT_EQ(again.observation_count(), 2);
}

}  // namespace
