// Functions are observed without a change inside: at every call, or at one.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/current_observation.h"
#include "langfuse/tracing/wrap.h"

namespace {

using langfuse::IoCapture;
using langfuse::ObservationType;
using langfuse::WrapOptions;

// A class of a library, which knows nothing of being observed.
class Oven {
 public:
  int bake(const std::string& what, int minutes) {
    if (minutes > 60) throw std::invalid_argument(what + " would burn");
    return loaves_ += 12;
  }

 private:
  int loaves_ = 0;
};

std::string find_recipe(const std::string& name) {
  // Sets a value of the observation around this call.
  langfuse::current_observation().set_metadata("shelf", 7);
  return "recipe for " + name;
}

}  // namespace

int main() {
  langfuse::init();
  langfuse::run_with_flush([] {
    // Observed at each call, with its arguments and result.
    const auto look_up = langfuse::observe_fn(WrapOptions("find_recipe")
                                                  .set_type(ObservationType::retriever)
                                                  .set_capture_input(IoCapture::yes)
                                                  .set_capture_output(IoCapture::yes),
                                              find_recipe);
    std::printf("%s\n", look_up("rye bread").c_str());

    // Observed at this call.
    Oven oven;
    std::printf("%d loaves\n", langfuse::observed("bake", &Oven::bake, oven, "rye bread", 50));
    try {
      langfuse::observed("bake", &Oven::bake, oven, "rye bread", 90);
    } catch (const std::invalid_argument& error) {
      std::printf("failed: %s\n", error.what());
    }
  });
}
