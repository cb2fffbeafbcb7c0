// What an observation does not take is said, by its field, and nothing else is lost.
#include <gmock/gmock.h>

#include <cmath>

#include "langfuse/tracing/observe.h"
#include "tests/support/fake_client.h"

namespace langfuse::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RefusedValues : public FakeClientTest {};

TEST_F(RefusedValues, AreNamed) {
  auto generation = observe("chat", ObservationType::generation);
  generation.set_metadata("", 1).set_model_parameter("", 0.5).set_usage("", 3).set_cost("", 0.5);
  generation.set_cost("input", std::nan("")).set_prompt("", 1).set_prompt("greeting", 65'536);
  generation.end();

  const auto not_linked =
      "a prompt without a name, or with a version not in 1 to 65535, is not linked";
  EXPECT_THAT(said_,
              ElementsAre("metadata without a key are refused",
                          "a model parameter without a name is refused",
                          "a usage without a kind is refused", "a cost without a kind is refused",
                          "a cost that is not a number is refused", not_linked, not_linked));
  transport_->answer_all(FakeTransport::status(200));
  EXPECT_EQ(flush().delivered, 1u);
}

// They are sent: not every server drops them.
TEST_F(RefusedValues, AreNamedWhereTheServerDropsThem) {
  auto observation = observe("observation");
  observation.set_metadata("a.__proto__.b", 1).set_metadata("constructor", 1);
  observation.set_metadata("prototype", 1).set_metadata("prototypes.constructors", 1);
  observation.set_metadata("a__proto__", 1);

  const auto dropped =
      "the server drops metadata with __proto__, prototype or constructor in their key";
  EXPECT_THAT(said_, ElementsAre(dropped, dropped, dropped));
}

TEST_F(RefusedValues, AreNotThoseThatAreRepaired) {
  auto generation = observe("", ObservationType::generation);
  generation.set_usage("input", -1).set_cost("input", -0.5).set_input("\xFF").set_output(INFINITY);
  generation.end();

  EXPECT_THAT(said_, IsEmpty());
}

}  // namespace
}  // namespace langfuse::internal
