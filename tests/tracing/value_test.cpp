// What may become a value, and as what: decided by the compiler, so the tests are mostly
// `static_assert`.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "langfuse/json.h"
#include "langfuse/tracing/observe.h"

namespace langfuse::internal {
namespace {

enum Unscoped { unscoped };
enum class Scoped { scoped };

TEST(Value, IsTextForEverythingThatLooksLikeText) {
  char array[] = "array";
  const char* const null = nullptr;

  EXPECT_EQ(Value("literal").kind(), Value::Kind::text);
  EXPECT_EQ(Value("literal").text(), "literal");
  EXPECT_EQ(Value(array).text(), "array");
  EXPECT_EQ(Value(static_cast<const char*>(array)).text(), "array");
  EXPECT_EQ(Value(static_cast<char*>(array)).text(), "array");
  EXPECT_EQ(Value(std::string("string")).kind(), Value::Kind::text);
  EXPECT_EQ(Value(std::string_view("view")).text(), "view");
  EXPECT_EQ(Value(null).kind(), Value::Kind::text);
  EXPECT_EQ(Value(null).text(), "");
}

TEST(Value, IsABoolOnlyForABool) {
  EXPECT_EQ(Value(true).kind(), Value::Kind::boolean);
  EXPECT_EQ(Value(true).integer(), 1);
  static_assert(!std::is_convertible<void*, Value>::value);
  static_assert(!std::is_convertible<const int*, Value>::value);
  static_assert(!std::is_convertible<void (*)(), Value>::value);
  static_assert(!std::is_convertible<std::vector<bool>::reference, Value>::value);
}

TEST(Value, KeepsTheKindOfANumber) {
  EXPECT_EQ(Value(1).kind(), Value::Kind::integer);
  EXPECT_EQ(Value(std::int8_t{-1}).integer(), -1);
  EXPECT_EQ(Value(std::uint8_t{255}).kind(), Value::Kind::unsigned_integer);
  EXPECT_EQ(Value(std::uint8_t{255}).integer(), 255);
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).kind(), Value::Kind::unsigned_integer);
  EXPECT_EQ(Value(0.5F).real(), 0.5);
  EXPECT_EQ(Value(0.5).kind(), Value::Kind::real);
}

TEST(Value, IsNothingForWhatHasNoMeaning) {
  static_assert(!std::is_convertible<char, Value>::value);
  static_assert(!std::is_convertible<char16_t, Value>::value);
  static_assert(!std::is_convertible<wchar_t, Value>::value);
  static_assert(!std::is_convertible<Unscoped, Value>::value);
  static_assert(!std::is_convertible<Scoped, Value>::value);
  static_assert(!std::is_convertible<std::optional<int>, Value>::value);
  static_assert(!std::is_convertible<std::vector<int>, Value>::value);
}

template <class Json>
class JsonValue : public testing::Test {};
using JsonTypes = testing::Types<nlohmann::json, nlohmann::ordered_json>;
TYPED_TEST_SUITE(JsonValue, JsonTypes);

// The JSON type converts to numbers, bools and text by itself; none of that may be taken.
TYPED_TEST(JsonValue, IsJsonAndNeverANumber) {
  EXPECT_EQ(Value(TypeParam(1)).kind(), Value::Kind::json);
  EXPECT_EQ(Value(TypeParam("text")).kind(), Value::Kind::json);
  EXPECT_EQ(Value(TypeParam(true)).kind(), Value::Kind::json);
  static_assert(std::is_convertible<TypeParam, Value>::value);
  static_assert(std::is_convertible<TypeParam&, Value>::value);
  static_assert(!std::is_convertible<TypeParam, TokenCount>::value);
  static_assert(!std::is_convertible<TypeParam, DollarAmount>::value);
}

TEST(TokenCount, IsClamped) {
  constexpr std::int64_t largest = 9007199254740991;
  EXPECT_EQ(TokenCount(0).count(), 0);
  EXPECT_EQ(TokenCount(-1).count(), 0);
  EXPECT_EQ(TokenCount(812).count(), 812);
  EXPECT_EQ(TokenCount(812u).count(), 812);
  EXPECT_EQ(TokenCount(12.9).count(), 12);
  EXPECT_EQ(TokenCount(largest - 1).count(), largest - 1);
  EXPECT_EQ(TokenCount(largest).count(), largest);
  EXPECT_EQ(TokenCount(largest + 1).count(), largest);
  EXPECT_EQ(TokenCount(std::numeric_limits<std::uint64_t>::max()).count(), largest);
  EXPECT_EQ(TokenCount(std::numeric_limits<std::int64_t>::min()).count(), 0);
  EXPECT_EQ(TokenCount(1e300).count(), largest);
  EXPECT_EQ(TokenCount(std::numeric_limits<double>::quiet_NaN()).count(), 0);
  static_assert(!std::is_convertible<bool, TokenCount>::value);
  static_assert(!std::is_convertible<char, TokenCount>::value);
  static_assert(!std::is_convertible<const char*, TokenCount>::value);
}

TEST(DollarAmount, IsClamped) {
  EXPECT_EQ(DollarAmount(0.00045).dollars(), 0.00045);
  EXPECT_EQ(DollarAmount(3).dollars(), 3.0);
  EXPECT_EQ(DollarAmount(-0.5).dollars(), 0.0);
  EXPECT_EQ(DollarAmount(1e300).dollars(), 999'999.0);
  EXPECT_EQ(DollarAmount(std::numeric_limits<double>::infinity()).dollars(), 999'999.0);
  EXPECT_EQ(DollarAmount(-std::numeric_limits<double>::infinity()).dollars(), 0.0);
  EXPECT_TRUE(DollarAmount(-1).is_known());
  EXPECT_FALSE(DollarAmount(std::numeric_limits<double>::quiet_NaN()).is_known());
}

}  // namespace
}  // namespace langfuse::internal
