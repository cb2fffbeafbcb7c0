#include "tracing/bytes/keyed_pieces.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse::internal {
namespace {

// A piece `key=value;`.
void put(KeyedPieces& pieces, const std::string& key, const std::string& value) {
  const std::string piece = key + "=" + value + ";";
  char* const room = pieces.reserve(piece.size());
  ASSERT_NE(room, nullptr);
  piece.copy(room, piece.size());
  pieces.commit(piece.size(), 0, key.size(), bit_of_users_key(key));
}

std::string pieces_in_order(const KeyedPieces& pieces) {
  std::string text;
  for (const KeyedPieces::Entry& entry : pieces.entries()) {
    text += std::string(pieces.piece(entry)) + " ";
  }
  return text;
}

TEST(KeyedPieces, KeepsThemInTheOrderTheyWereSet) {
  KeyedPieces pieces;

  put(pieces, "a", "1");
  put(pieces, "b", "22");

  EXPECT_EQ(pieces.bytes(), "a=1;b=22;");
}

TEST(KeyedPieces, HasTheLastOfAKeyOnce) {
  KeyedPieces pieces;
  put(pieces, "a", "1");
  put(pieces, "b", "22");
  put(pieces, "c", "333");

  put(pieces, "a", "a longer one");
  put(pieces, "b", "");

  EXPECT_EQ(pieces.bytes(), "c=333;a=a longer one;b=;");
  EXPECT_EQ(pieces_in_order(pieces), "c=333; a=a longer one; b=; ");
}

TEST(KeyedPieces, TellsKeysOfDifferentLengthsApart) {
  KeyedPieces pieces;
  put(pieces, "a", "1");
  put(pieces, "aa", "2");

  put(pieces, "a", "3");

  EXPECT_EQ(pieces_in_order(pieces), "aa=2; a=3; ");
}

TEST(KeyedPieces, TellsKeysWithOneBitApart) {
  const std::string one = "abcd";
  const std::string other = "axyd";
  ASSERT_EQ(bit_of_users_key(one), bit_of_users_key(other));
  KeyedPieces pieces;
  put(pieces, one, "1");
  put(pieces, other, "2");

  put(pieces, one, "3");

  EXPECT_EQ(pieces_in_order(pieces), "axyd=2; abcd=3; ");
}

TEST(KeyedPieces, MayHaveNothingOnceCleared) {
  KeyedPieces pieces;
  put(pieces, "a", "1");
  EXPECT_TRUE(pieces.may_have(bit_of_users_key("a")));

  pieces.clear();

  EXPECT_FALSE(pieces.may_have(bit_of_users_key("a")));
}

TEST(KeyedPieces, AUsersKeyNeverHasTheBitOfAKnownOne) {
  for (int first = 0; first < 256; ++first) {
    for (std::size_t size = 1; size < 70; ++size) {
      const std::uint8_t bit = bit_of_users_key(std::string(size, static_cast<char>(first)));
      ASSERT_GE(bit, 32);
      ASSERT_LT(bit, 64);
    }
  }
  EXPECT_GE(bit_of_users_key(""), 32);
}

TEST(KeyedPieces, HasRoomAtHandWithoutAskingForMemory) {
  KeyedPieces pieces;
  EXPECT_EQ(pieces.room_at_hand(1), nullptr);
  put(pieces, "a", std::string(100, 'x'));

  pieces.clear();

  EXPECT_NE(pieces.room_at_hand(50), nullptr);
  EXPECT_EQ(pieces.room_at_hand(1'000'000), nullptr);
}

TEST(KeyedPieces, HoldsManyKeys) {
  KeyedPieces pieces;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 500; ++i) {
      put(pieces, "key" + std::to_string(i), std::to_string(round));
    }
  }

  EXPECT_EQ(pieces.entries().size(), 500u);
  EXPECT_EQ(pieces.bytes().substr(0, 14), "key0=1;key1=1;");
}

TEST(KeyedPieces, IsEmptyWhenCleared) {
  KeyedPieces pieces;
  put(pieces, "a", std::string(100'000, 'x'));

  pieces.clear();
  put(pieces, "a", "1");

  EXPECT_EQ(pieces.bytes(), "a=1;");
}

}  // namespace
}  // namespace langfuse::internal
