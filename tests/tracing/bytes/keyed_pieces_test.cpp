#include "tracing/bytes/keyed_pieces.h"

#include <gtest/gtest.h>

#include <string>

namespace langfuse::internal {
namespace {

// A piece `key=value;`.
void put(KeyedPieces& pieces, std::uint8_t group, const std::string& key,
         const std::string& value) {
  const std::string piece = key + "=" + value + ";";
  char* const room = pieces.reserve(piece.size());
  ASSERT_NE(room, nullptr);
  piece.copy(room, piece.size());
  pieces.commit(group, piece.size(), 0, key.size());
}

std::string pieces_in_order(const KeyedPieces& pieces) {
  std::string text;
  for (const KeyedPieces::Entry& entry : pieces.entries()) {
    text += std::to_string(entry.group) + ":" + std::string(pieces.piece(entry)) + " ";
  }
  return text;
}

TEST(KeyedPieces, KeepsThemInTheOrderTheyWereSet) {
  KeyedPieces pieces;

  put(pieces, 0, "a", "1");
  put(pieces, 0, "b", "22");

  EXPECT_EQ(pieces.bytes(), "a=1;b=22;");
}

TEST(KeyedPieces, HasTheLastOfAKeyOnce) {
  KeyedPieces pieces;
  put(pieces, 0, "a", "1");
  put(pieces, 0, "b", "22");
  put(pieces, 0, "c", "333");

  put(pieces, 0, "a", "a longer one");
  put(pieces, 0, "b", "");

  EXPECT_EQ(pieces.bytes(), "c=333;a=a longer one;b=;");
  EXPECT_EQ(pieces_in_order(pieces), "0:c=333; 0:a=a longer one; 0:b=; ");
}

TEST(KeyedPieces, TellsKeysOfDifferentGroupsAndLengthsApart) {
  KeyedPieces pieces;
  put(pieces, 1, "a", "1");
  put(pieces, 2, "a", "2");
  put(pieces, 1, "aa", "3");

  put(pieces, 2, "a", "4");

  EXPECT_EQ(pieces_in_order(pieces), "1:a=1; 1:aa=3; 2:a=4; ");
}

TEST(KeyedPieces, HoldsManyKeys) {
  KeyedPieces pieces;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 500; ++i) {
      put(pieces, 0, "key" + std::to_string(i), std::to_string(round));
    }
  }

  EXPECT_EQ(pieces.entries().size(), 500u);
  EXPECT_EQ(pieces.bytes().substr(0, 14), "key0=1;key1=1;");
}

TEST(KeyedPieces, IsEmptyWhenCleared) {
  KeyedPieces pieces;
  put(pieces, 0, "a", std::string(100'000, 'x'));

  pieces.clear();
  put(pieces, 0, "a", "1");

  EXPECT_EQ(pieces.bytes(), "a=1;");
}

}  // namespace
}  // namespace langfuse::internal
