// What is removed when the store is full, and what happens when its file is taken away.

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "receiver/store/store.h"
#include "tests/receiver/rows/observation_rows.h"
#include "tests/receiver/store/store_file.h"

namespace {

using langfuse_receiver::ObservationRow;
using langfuse_receiver::Retention;
using langfuse_receiver::ScoreRow;
using langfuse_receiver::Store;
using langfuse_receiver::StoreError;
using langfuse_receiver::TraceQuery;
using langfuse_receiver::TraceSummary;
using langfuse_test::observation;

using StoreRetention = langfuse_test::StoreFile;
using StoreOutage = langfuse_test::StoreFile;

std::string ids(Store& store) {
  std::string text;
  for (const TraceSummary& trace : store.find(TraceQuery{})) {
    text += trace.trace_id;
  }
  return text;
}

std::string put_error(Store& store) {
  try {
    store.put({observation("later", "1")});
    return "stored";
  } catch (const StoreError& error) {
    return error.what();
  }
}

TEST_F(StoreRetention, TheTracesWrittenLongestAgoAreRemovedWithAllTheyHave) {
  Store store(path_, Retention{2, 0});
  ScoreRow score;
  score.id = "s";
  score.trace_id = "b";
  store.put({observation("a", "1")});
  store.put({observation("b", "1", 1'000)});
  store.put({score});
  ASSERT_EQ(store.search("step", 10).hits.size(), 2U);

  store.put({observation("a", "2", 2'000'000)});  // `a` is the older one, but still written to
  store.put({observation("c", "1", 3'000)});

  EXPECT_EQ(ids(store), "ca");
  EXPECT_EQ(store.observation_count(), 3);
  EXPECT_EQ(store.search("step", 10).hits.size(), 3U);
  EXPECT_TRUE(store.find(langfuse_receiver::ScoreQuery{}).empty());
  EXPECT_FALSE(store.trace("b"));
}

TEST_F(StoreRetention, TheTraceThatIsBeingWrittenStays) {
  Store store(path_, Retention{1, 1});
  store.put({observation("a", "1")});
  store.put({observation("b", "1", 1'000)});
  store.put({observation("b", "2", 2'000'000)});

  EXPECT_EQ(ids(store), "b");
  EXPECT_EQ(store.observation_count(), 2);
}

TEST_F(StoreRetention, TheFileStopsGrowing) {
  constexpr std::int64_t limit = 2'000'000;
  Store store(path_, Retention{0, limit});
  for (int trace = 0; trace < 100; ++trace) {
    std::vector<ObservationRow> rows;
    for (int i = 0; i < 10; ++i) {
      rows.push_back(observation("t" + std::to_string(trace), std::to_string(i), trace * 1'000));
      rows.back().input = std::string(10'000, 'x') + std::to_string(trace);
    }
    store.put(rows);
  }

  EXPECT_LT(std::filesystem::file_size(path_), static_cast<std::uintmax_t>(limit + 1'000'000));
  const std::size_t left = store.find(TraceQuery{}).size();
  EXPECT_GE(left, 10U);
  EXPECT_LE(left, 20U);
  EXPECT_TRUE(store.trace("t99"));
}

TEST_F(StoreRetention, LimitsAlsoHoldForWhatWasThereBefore) {
  {
    Store store(path_);
    store.put({observation("a", "1"), observation("b", "1", 1'000), observation("c", "1", 2'000)});
  }
  Store store(path_, Retention{2, 0});
  store.put({observation("d", "1", 3'000)});

  EXPECT_EQ(ids(store), "dc");
}

TEST_F(StoreOutage, ADeletedFileIsSaidAndReadingGoesOn) {
  Store store(path_);
  store.put({observation("a", "1")});
  std::filesystem::remove(path_);

  EXPECT_EQ(put_error(store), "the database " + path_ +
                                  " is no longer there (No such file or directory); nothing is "
                                  "stored until it is");
  EXPECT_EQ(ids(store), "a");
}

TEST_F(StoreOutage, AReplacedFileIsSaid) {
  Store store(path_);
  store.put({observation("a", "1")});
  { const Store other(path_ + "2"); }
  std::filesystem::rename(path_ + "2", path_);

  EXPECT_EQ(put_error(store), "the database " + path_ +
                                  " was replaced by another file while running; nothing is stored "
                                  "until langfuse is started again");
}

TEST_F(StoreOutage, AFileThatIsReadOnlyForAWhileTakesRowsAfterwards) {
  Store store(path_);
  ::chmod(path_.c_str(), 0400);
  const std::string refusal = put_error(store);
  ::chmod(path_.c_str(), 0600);

  EXPECT_EQ(refusal, "the database " + path_ +
                         " was made read-only; nothing is stored until it can be written");
  EXPECT_EQ(put_error(store), "stored");
}

}  // namespace
