#include "model/lower_case.h"

#include <gtest/gtest.h>

namespace langfuse::internal {
namespace {

TEST(LowerCase, IsOfTheLettersOfAsciiAlone) {
  EXPECT_EQ(lower_case('A'), 'a');
  EXPECT_EQ(lower_case('Z'), 'z');
  EXPECT_EQ(lower_case('@'), '@');
  EXPECT_EQ(lower_case('['), '[');
  EXPECT_EQ(lower_case('\xC4'), '\xC4');
}

TEST(LowerCase, ATextIsFoundInEitherCase) {
  struct Case {
    const char* text;
    std::size_t place;
    bool is_begin;
  };
  for (const Case& each :
       {Case{"date: now", 0, true}, Case{"DaTe: now", 0, true}, Case{"date:", 0, true},
        Case{"up-DATE: now", 3, false}, Case{"dat", 3, false}, Case{"", 0, false}}) {
    EXPECT_EQ(find_in_either_case(each.text, "date:"), each.place) << each.text;
    EXPECT_EQ(begins_in_either_case(each.text, "date:"), each.is_begin) << each.text;
  }
}

}  // namespace
}  // namespace langfuse::internal
