#include "receiver/base/ordered_object.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "receiver/base/json_text.h"

namespace {

using langfuse_receiver::Json;
using langfuse_receiver::OrderedObject;
using langfuse_receiver::parse_json;
using langfuse_receiver::to_text;

// A number that counts how often it is compared.
struct CountedKey {
  int number = 0;
  static inline long comparisons = 0;
};

bool operator==(const CountedKey& left, const CountedKey& right) {
  ++CountedKey::comparisons;
  return left.number == right.number;
}

bool operator<(const CountedKey& left, const CountedKey& right) {
  ++CountedKey::comparisons;
  return left.number < right.number;
}

// Of `count` insertions and as many searches, each.
double comparisons_of_one(int count) {
  CountedKey::comparisons = 0;
  OrderedObject<CountedKey, int> object;
  for (int i = 0; i < count; ++i) {
    object[CountedKey{i}] = i;
  }
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(object.find(CountedKey{i})->second, i);
  }
  return static_cast<double>(CountedKey::comparisons) / (2.0 * count);
}

TEST(OrderedObject, FindsAKeyOfManyWithoutLookingAtAll) {
  EXPECT_LE(comparisons_of_one(16), 17);
  EXPECT_LE(comparisons_of_one(1'000), 40);
  EXPECT_LE(comparisons_of_one(64'000), 70);
}

TEST(OrderedObject, KeepsTheOrderOfManyKeysAndFindsEach) {
  Json object = Json::object();
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    const std::string key = std::to_string(i * 37 % 100);
    object[key] = i;
    expected += (expected.empty() ? "{\"" : ",\"") + key + "\":" + std::to_string(i);
  }

  EXPECT_EQ(to_text(object), expected + "}");
  EXPECT_EQ(object.at("37"), 1);
  EXPECT_EQ(object.find("100"), object.end());
  EXPECT_FALSE(object.contains("-1"));
}

// As JavaScript reads them: the place of the first, the value of the last.
TEST(OrderedObject, OfRepeatedKeysTheLastValueStandsInTheFirstPlace) {
  std::string many = R"({"a":1,"b":2)";
  for (int i = 0; i < 50; ++i) {
    many += ",\"" + std::to_string(i) + "\":0";
  }

  const auto few = parse_json(R"({"a":1,"b":2,"a":{"c":3},"b":4})");
  const auto large = parse_json(many + R"(,"a":5,"49":6})");

  ASSERT_TRUE(few && large);
  EXPECT_EQ(to_text(*few), R"({"a":{"c":3},"b":4})");
  EXPECT_EQ(large->size(), 52U);
  EXPECT_EQ(large->begin().key(), "a");
  EXPECT_EQ(large->begin().value(), 5);
  EXPECT_EQ(large->at("49"), 6);
}

TEST(OrderedObject, FindsWhatIsLeftAfterErasing) {
  for (const int count : {3, 17, 18, 60}) {
    Json object = Json::object();
    for (int i = 0; i < count; ++i) {
      object[std::to_string(i)] = i;
    }

    EXPECT_EQ(object.erase("1"), 1U);
    EXPECT_EQ(object.erase("1"), 0U);
    object.erase(object.find("0"));
    object["new"] = count;

    EXPECT_EQ(object.size(), static_cast<std::size_t>(count - 1));
    EXPECT_FALSE(object.contains("1"));
    for (int i = 2; i < count; ++i) {
      EXPECT_EQ(object.at(std::to_string(i)), i);
    }
    EXPECT_EQ(std::prev(object.end()).key(), "new");
  }
}

TEST(OrderedObject, CopiesAndMovesWithAllItFinds) {
  Json object = Json::object();
  for (int i = 0; i < 40; ++i) {
    object[std::to_string(i)] = i;
  }

  Json copy = object;
  copy["39"] = "changed";
  copy["40"] = "added";
  const Json moved = std::move(copy);

  EXPECT_EQ(object.at("39"), 39);
  EXPECT_EQ(object.size(), 40U);
  EXPECT_EQ(moved.at("39"), "changed");
  EXPECT_EQ(moved.at("40"), "added");
  EXPECT_EQ(moved.at("0"), 0);
  Json updated = object;
  updated.update(moved);
  EXPECT_TRUE(updated == moved);
  EXPECT_TRUE(updated != object);
}

}  // namespace
