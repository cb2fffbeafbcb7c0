#include "receiver/store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/receiver/store/store_file.h"

namespace {

using langfuse_receiver::Json;
using langfuse_receiver::ObservationQuery;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::Store;
using langfuse_receiver::TraceQuery;
using langfuse_test::StoreFile;

constexpr std::int64_t start = 1'786'000'000'000'000'000;

ObservationRow row(const std::string& id, std::int64_t after_start = 0) {
  ObservationRow observation;
  observation.trace_id = "t1";
  observation.span_id = id;
  observation.type = "SPAN";
  observation.level = "DEFAULT";
  observation.start_unix_nano = start + after_start;
  observation.end_unix_nano = start + after_start + 10;
  return observation;
}

TEST_F(StoreFile, RowsOutliveTheStore) {
  {
    Store store(path_);
    store.put({row("a"), row("b")});
  }
  Store again(path_);

  EXPECT_EQ(again.observation_count(), 2);
}

TEST_F(StoreFile, OnlyTheOwnerMayReadTheFiles) {
  const ::mode_t before = ::umask(0);
  Store store(path_);
  store.put({row("a")});
  ::umask(before);

  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 1);
}

TEST_F(StoreFile, AFileThatIsNoDatabaseIsRefusedAndUntouched) {
  std::ofstream(path_) << "Dear diary, this is not a database at all.";

  EXPECT_EQ(refusal(), "cannot use " + path_ +
                           " as the database: it is not a database; give another file with --db");
  EXPECT_EQ(std::filesystem::file_size(path_), 42U);
}

TEST_F(StoreFile, WhatIsNoRegularFileIsRefusedAndUntouched) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0640), 0);
  ::chmod(path_.c_str(), 0640);

  EXPECT_EQ(refusal(), "cannot use " + path_ +
                           " as the database: it is no regular file; give another file with --db");
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(StoreFile, ALinkThatLeadsNowhereIsRefusedAndNotFollowed) {
  const std::string target = folder_ / "elsewhere.db";
  ASSERT_EQ(::symlink(target.c_str(), path_.c_str()), 0);

  EXPECT_EQ(refusal(),
            "cannot use " + path_ +
                " as the database: it is a symbolic link, and what it leads to cannot be "
                "reached (No such file or directory); give another file with --db");
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(StoreFile, ALinkOfOursToADatabaseOfOursIsFollowed) {
  { const Store store(path_); }
  const std::string link = folder_ / "link.db";
  ASSERT_EQ(::symlink(path_.c_str(), link.c_str()), 0);
  path_ = link;

  EXPECT_EQ(refusal(), "opened");
  if (::geteuid() == 0) {  // nobody else can give a file away
    ASSERT_EQ(::lchown(link.c_str(), 1, 1), 0);
    EXPECT_EQ(refusal(),
              "cannot use " + path_ +
                  " as the database: it is a symbolic link of another user; give another "
                  "file with --db");
  }
}

// Each name would have a write-ahead log of its own.
TEST_F(StoreFile, AFileOfTwoNamesIsRefused) {
  { const Store store(path_); }
  const std::string second = folder_ / "second.db";
  ASSERT_EQ(::link(path_.c_str(), second.c_str()), 0);

  EXPECT_EQ(refusal(), "cannot use " + path_ +
                           " as the database: it has a second name (a hard link); give another "
                           "file with --db");
  ASSERT_EQ(::unlink(second.c_str()), 0);
  EXPECT_EQ(refusal(), "opened");
}

TEST_F(StoreFile, WhatOthersCouldHaveWrittenIsRefused) {
  { const Store store(path_); }
  const std::string begin = "cannot use " + path_ + " as the database: ";
  const std::string end = "; give another file with --db";

  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  EXPECT_EQ(refusal(), begin + "its mode 0666 lets other users in: make it 0600" + end);
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  EXPECT_EQ(refusal(), "opened");
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms{0600});
  for (const char* suffix : {"-journal", "-shm", "-wal"}) {
    const std::string beside = path_ + suffix;
    std::ofstream(beside) << "";
    ASSERT_EQ(::chmod(beside.c_str(), 0666), 0);
    EXPECT_EQ(refusal(),
              begin + beside + ": its mode 0666 lets other users in: make it 0600" + end);
    ASSERT_EQ(::unlink(beside.c_str()), 0);
    ASSERT_EQ(::symlink("nowhere", beside.c_str()), 0);
    EXPECT_EQ(refusal(), begin + beside + ": it is no regular file" + end);
    ASSERT_EQ(::unlink(beside.c_str()), 0);
  }
  if (::geteuid() == 0) {  // nobody else can give a file away
    ASSERT_EQ(::chown(path_.c_str(), 1, 1), 0);
    EXPECT_EQ(refusal(), begin + "it belongs to another user" + end);
  }
}

TEST_F(StoreFile, TheNameThatMeansMemoryToSqliteIsRefused) {
  path_ = ":memory:";

  EXPECT_EQ(refusal(),
            "cannot use :memory: as the database: SQLite takes this name for memory; give another "
            "file with --db, or keep the data in memory with --memory");
}

TEST_F(StoreFile, ADatabaseOfAnotherProgramIsRefusedAndUntouched) {
  {
    SQLite::Database other(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE notes (text TEXT)");
  }
  const auto size = std::filesystem::file_size(path_);

  EXPECT_EQ(refusal(), "cannot use " + path_ +
                           " as the database: it is a database of another program; give another "
                           "file with --db");
  EXPECT_EQ(std::filesystem::file_size(path_), size);
}

TEST_F(StoreFile, ADatabaseOfANewerVersionIsRefused) {
  { const Store store(path_); }
  {
    SQLite::Database newer(path_, SQLite::OPEN_READWRITE);
    newer.exec("PRAGMA user_version = 99");
  }

  EXPECT_EQ(refusal(), "cannot use " + path_ +
                           " as the database: it was written by a newer version of langfuse "
                           "(schema 99, this program knows 3)");
}

TEST_F(StoreFile, AFolderThatIsNotThereIsNamed) {
  path_ = folder_ / "missing/traces.db";

  EXPECT_EQ(refusal(), "cannot use " + path_ + " as the database: No such file or directory");
}

TEST_F(StoreFile, TwoStoresOfOneFileWaitForEachOther) {
  constexpr int puts = 200;
  Store one(path_);
  Store other(path_);
  const auto put_all = [](Store& store, const std::string& prefix) {
    for (int i = 0; i < puts; ++i) {
      store.put({row(prefix + std::to_string(i))});
    }
  };

  std::thread beside([&] { EXPECT_NO_THROW(put_all(other, "b")); });
  EXPECT_NO_THROW(put_all(one, "a"));
  beside.join();

  EXPECT_EQ(one.observation_count(), 2 * puts);
}

TEST(Store, RowsAreReplacedByTraceSpanAndStartInMilliseconds) {
  Store store("");
  ObservationRow first = row("a");
  first.name = "first";
  first.created_unix_nano = 1;
  ObservationRow again = row("a", 999'999);
  again.name = "again";
  again.created_unix_nano = 2;
  again.updated_unix_nano = 2;
  store.put({first});
  store.put({again});
  store.put({row("a", 1'000'000)});

  ObservationQuery query;
  const auto rows = store.find(query);

  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].name, "again");
  EXPECT_EQ(rows[1].created_unix_nano, 1);
  EXPECT_EQ(rows[1].updated_unix_nano, 2);
}

TEST(Store, EveryFieldComesBackAsItWasPut) {
  Store store("");
  ObservationRow full = row("a");
  int number = 0;
  for (std::string* text : {&full.parent_span_id,
                            &full.name,
                            &full.type,
                            &full.level,
                            &full.status_message,
                            &full.environment,
                            &full.version,
                            &full.release,
                            &full.trace_name,
                            &full.user_id,
                            &full.session_id,
                            &full.input,
                            &full.output,
                            &full.model,
                            &full.prompt_name,
                            &full.service_name,
                            &full.service_version,
                            &full.scope_name,
                            &full.scope_version,
                            &full.telemetry_sdk_language,
                            &full.telemetry_sdk_name,
                            &full.telemetry_sdk_version,
                            &full.ingestion_api_key,
                            &full.ingestion_sdk_name,
                            &full.ingestion_sdk_version}) {
    *text = "text " + std::to_string(++number);
  }
  full.completion_start_unix_nano = start + 5;
  full.prompt_version = 3;
  full.is_public = true;
  full.is_app_root = true;
  full.tags = Json::parse(R"(["x"])");
  full.metadata = {{"k", "v"}};
  full.warnings = Json::parse(R"(["lost"])");
  full.model_parameters = {{"t", 0.5}};
  full.provided_usage_details = {{"input", 1}};
  full.usage_details = {{"input", 1}, {"total", 1}};
  full.provided_cost_details = {{"input", 0.5}};
  full.cost_details = {{"input", 0.5}, {"total", 0.5}};
  full.created_unix_nano = 7;
  full.updated_unix_nano = 8;
  store.put({full});

  const ObservationRow back = store.find(ObservationQuery{}).at(0);

  number = 0;
  for (const std::string* text : {&back.parent_span_id,
                                  &back.name,
                                  &back.type,
                                  &back.level,
                                  &back.status_message,
                                  &back.environment,
                                  &back.version,
                                  &back.release,
                                  &back.trace_name,
                                  &back.user_id,
                                  &back.session_id,
                                  &back.input,
                                  &back.output,
                                  &back.model,
                                  &back.prompt_name,
                                  &back.service_name,
                                  &back.service_version,
                                  &back.scope_name,
                                  &back.scope_version,
                                  &back.telemetry_sdk_language,
                                  &back.telemetry_sdk_name,
                                  &back.telemetry_sdk_version,
                                  &back.ingestion_api_key,
                                  &back.ingestion_sdk_name,
                                  &back.ingestion_sdk_version}) {
    EXPECT_EQ(*text, "text " + std::to_string(++number));
  }
  EXPECT_EQ(back.start_unix_nano, full.start_unix_nano);
  EXPECT_EQ(back.end_unix_nano, full.end_unix_nano);
  EXPECT_EQ(back.completion_start_unix_nano, full.completion_start_unix_nano);
  EXPECT_EQ(back.prompt_version, full.prompt_version);
  EXPECT_TRUE(back.is_public);
  EXPECT_TRUE(back.is_app_root);
  for (const auto& [was, is] : std::vector<std::pair<Json, Json>>{
           {full.tags, back.tags},
           {full.metadata, back.metadata},
           {full.warnings, back.warnings},
           {full.model_parameters, back.model_parameters},
           {full.provided_usage_details, back.provided_usage_details},
           {full.usage_details, back.usage_details},
           {full.provided_cost_details, back.provided_cost_details},
           {full.cost_details, back.cost_details}}) {
    EXPECT_EQ(was.dump(), is.dump());
  }
  EXPECT_EQ(back.created_unix_nano, 7);
  EXPECT_EQ(back.updated_unix_nano, 8);
}

TEST(Store, ATraceIsWhatItsObservationsSay) {
  Store store("");
  ObservationRow root = row("root");
  root.name = "root";
  root.user_id = "first user";
  root.tags = Json::parse(R"(["old"])");
  ObservationRow child = row("child", 1'000);
  child.parent_span_id = "root";
  child.trace_name = "order";
  child.user_id = "second user";
  child.tags = Json::parse(R"(["new"])");
  child.usage_details = {{"input", 5}, {"total", 7}};
  child.cost_details = {{"total", 0.5}};
  child.end_unix_nano = start + 5'000;
  ObservationRow line = row("line", 2'000);
  line.parent_span_id = "root";
  line.type = "EVENT";
  line.level = "ERROR";
  store.put({child, line});
  const bool had_root = store.trace("t1")->has_root;
  store.put({root});

  const auto trace = store.trace("t1");

  ASSERT_TRUE(trace);
  EXPECT_FALSE(had_root);
  EXPECT_TRUE(trace->has_root);
  EXPECT_EQ(trace->name, "order");
  EXPECT_EQ(trace->root_name, "root");
  EXPECT_EQ(trace->user_id, "second user");
  EXPECT_EQ(trace->tags, R"(["new"])");
  EXPECT_EQ(trace->start_unix_nano, start);
  EXPECT_EQ(trace->end_unix_nano, start + 5'000);
  EXPECT_EQ(trace->observations, 3);
  EXPECT_EQ(trace->events, 1);
  EXPECT_EQ(trace->errors, 1);
  EXPECT_EQ(trace->tokens, 7);
  EXPECT_EQ(trace->cost, 0.5);
  EXPECT_FALSE(store.trace("unknown"));
}

TEST(Store, TheNewestTracesComeFirst) {
  Store store("");
  ObservationRow old_one = row("a");
  old_one.trace_id = "old";
  ObservationRow new_one = row("b", 10);
  new_one.trace_id = "new";
  store.put({new_one, old_one});

  const auto traces = store.find(TraceQuery{});

  ASSERT_EQ(traces.size(), 2U);
  EXPECT_EQ(traces[0].trace_id, "new");
  TraceQuery one;
  one.limit = 1;
  EXPECT_EQ(store.find(one).size(), 1U);
}

TEST(Store, TextMayHoldNulAndBeCutForLists) {
  Store store("");
  ObservationRow one = row("a");
  one.input = std::string("a\0b", 3);
  one.output = "grünes";
  store.put({one});
  ObservationQuery cut;
  cut.text_limit = 3;

  EXPECT_EQ(store.find(ObservationQuery{}).at(0).input, one.input);
  EXPECT_EQ(store.find(cut).at(0).output, "grü");
}

TEST(Store, EveryPutIsSeenInTheRevision) {
  Store store("");
  const auto before = store.revision();

  store.put({row("a")});

  EXPECT_EQ(store.revision(), before + 1);
}

}  // namespace
