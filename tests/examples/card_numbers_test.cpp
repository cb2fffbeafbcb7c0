#include "examples/email_workflow/card_numbers.h"

#include <gtest/gtest.h>

namespace email_workflow {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* result;
};

class CardNumbers : public ::testing::TestWithParam<Case> {};

TEST_P(CardNumbers, AreRemovedAndOtherDigitsStay) {
  EXPECT_EQ(without_card_numbers(GetParam().text), GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CardNumbers,
    ::testing::Values(Case{"None", "order A-1042", "order A-1042"},
                      Case{"WithSpaces", "card 4111 1111 1111 1111, ok", "card [card number], ok"},
                      Case{"WithDashes", "4111-1111-1111-1111", "[card number]"},
                      Case{"WithoutSpaces", "4111111111111111", "[card number]"},
                      Case{"FifteenDigits", "3782 822463 10005 is it", "[card number] is it"},
                      Case{"WrongSum", "4111 1111 1111 1112", "4111 1111 1111 1112"},
                      Case{"TooShort", "4111 1111 1111", "4111 1111 1111"},
                      Case{"PhoneNumber", "call +49 30 901820 now", "call +49 30 901820 now"},
                      Case{"TwoSpacesSeparate", "41  11111111111111", "41  11111111111111"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace email_workflow
