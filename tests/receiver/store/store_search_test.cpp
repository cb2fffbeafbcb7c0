// The text index.

#include "receiver/store/store_search.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "receiver/store/store.h"
#include "tests/receiver/rows/observation_rows.h"
#include "tests/receiver/store/store_file.h"

namespace {

using langfuse_receiver::Json;
using langfuse_receiver::match_expression;
using langfuse_receiver::ObservationRow;
using langfuse_receiver::SearchHit;
using langfuse_receiver::Store;
using langfuse_test::observation;

class StoreSearch : public ::testing::Test {
 protected:
  std::string ids(const std::string& text) {
    std::string found;
    for (const SearchHit& hit : store_.search(text, 50).hits) {
      found += hit.span_id;
    }
    return found;
  }

  Store store_{""};
};

TEST_F(StoreSearch, EveryFieldIsSearchedAndNamed) {
  ObservationRow row = observation("t", "1");
  row.name = "onename";
  row.input = "twoinput";
  row.output = "threeoutput";
  row.metadata = {{"k", "fourmetadata"},
                  {"resourceAttributes.k", "sixresource"},
                  {"scope.name", "eightscope"},
                  {"scope.x", "ownscope"}};
  row.status_message = "fivestatus";
  row.model = "sevenmodel";
  store_.put({row});

  for (const auto& [word, field] :
       std::vector<std::pair<std::string, std::string>>{{"onename", "name"},
                                                        {"twoinput", "input"},
                                                        {"threeoutput", "output"},
                                                        {"fourmetadata", "metadata"},
                                                        {"fivestatus", "statusMessage"},
                                                        {"sevenmodel", "model"}}) {
    const auto hits = store_.search(word, 10).hits;
    ASSERT_EQ(hits.size(), 1U) << word;
    EXPECT_EQ(hits[0].field, field);
    EXPECT_NE(hits[0].snippet.find("\1" + word + "\2"), std::string::npos) << hits[0].snippet;
  }
  EXPECT_EQ(ids("sixresource"), "");
  EXPECT_EQ(ids("eightscope"), "");
  EXPECT_EQ(ids("ownscope"), "1");
}

TEST_F(StoreSearch, AllWordsMustOccurAsBeginnings) {
  ObservationRow row = observation("t", "1");
  row.input = "Retrieve the documents about kv-cache pages, grün";
  store_.put({row});

  EXPECT_EQ(ids("retr docu"), "1");
  EXPECT_EQ(ids("retr missing"), "");
  EXPECT_EQ(ids("KV-CACHE"), "1");
  EXPECT_EQ(ids("\"the documents\""), "1");
  EXPECT_EQ(ids("\"documents the\""), "");
  EXPECT_EQ(ids("grün"), "1");
  EXPECT_EQ(ids("ocuments"), "");
}

TEST_F(StoreSearch, TheTraceThatArrivedLastComesFirst) {
  store_.put({observation("old", "1")});
  store_.put({observation("new", "2")});
  store_.put({observation("old", "3", 5'000'000)});

  EXPECT_EQ(ids("step"), "231");
}

TEST_F(StoreSearch, ARowThatIsReplacedIsFoundByItsNewTextOnly) {
  ObservationRow row = observation("t", "1");
  row.input = "before";
  store_.put({row});
  ASSERT_EQ(ids("before"), "1");
  row.input = "after";
  store_.put({row});

  EXPECT_EQ(ids("before"), "");
  EXPECT_EQ(ids("after"), "1");
}

TEST_F(StoreSearch, BothEndsOfALongTextAreFound) {
  ObservationRow row = observation("t", "1");
  row.input = "alpha " + std::string(200'000, 'x') + " omega";
  store_.put({row});

  EXPECT_EQ(ids("alpha"), "1");
  EXPECT_EQ(ids("omega"), "1");
}

TEST_F(StoreSearch, NothingThatIsTypedIsASyntaxError) {
  store_.put({observation("t", "1")});

  for (const std::string text : {"", " ", "\"", "\"\"", "*", "AND", "a OR", "NEAR(", "name:", "-",
                                 "^", "(", "—", "\"unfinished phrase", "a\"b\"c", "\xff\xfe"}) {
    EXPECT_NO_THROW(store_.search(text, 10)) << text;
  }
  EXPECT_EQ(store_.search(std::string("ste\0p", 5), 10).hits.size(), 1U);
}

using StoreSearchFile = langfuse_test::StoreFile;

TEST_F(StoreSearchFile, WhatCouldNotBeIndexedIsCounted) {
  Store store(path_);
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec(
          "CREATE TRIGGER full BEFORE DELETE ON unindexed "
          "BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
  store.put({observation("t", "1")});

  const langfuse_receiver::SearchResult result = store.search("step", 10);

  EXPECT_EQ(result.hits.size(), 0U);
  EXPECT_EQ(result.not_searched, 1);
}

TEST(MatchExpression, QuotesWordsAndMarksBeginnings) {
  EXPECT_EQ(match_expression("kv-cache  full"), R"("kv-cache"* "full"*)");
  EXPECT_EQ(match_expression(R"(say "hello world" now)"), R"("say"* "hello world" "now"*)");
  EXPECT_EQ(match_expression("- ! *"), "");
}

}  // namespace
