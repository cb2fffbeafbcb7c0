// Random programs of scopes, contexts, parents and lines against a model: every scope propagates a
// key of its own, so that what a record carries is a plain set of keys.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "langfuse/sinks/log_line.h"
#include "langfuse/tracing/propagation.h"
#include "langfuse/tracing/start_observation.h"
#include "tests/support/capture.h"

namespace langfuse::internal {
namespace {

using Keys = std::set<int>;

constexpr int deepest = 7;
constexpr int most_records = 150;
constexpr int most_keys = 100;  // below what an observation gathers
constexpr std::string_view prefix = "langfuse.trace.metadata.k";

Keys united(Keys a, const Keys& b) {
  a.insert(b.begin(), b.end());
  return a;
}

class Program {
 public:
  explicit Program(unsigned seed) : random_(seed) {}

  void run() { block(0, {}, none); }

  // What each record is to carry, by its name or message.
  std::map<std::string, Keys> expected;

 private:
  static constexpr int none = -1;

  struct Open {
    Observation observation;
    Context context;  // what it refers to, once it has ended
    Keys keys;
    std::string name;
    bool is_ours = true;  // the current one of this thread while it is open
  };

  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  std::string next_name() { return "record-" + std::to_string(records_++); }

  int open(Observation observation, std::string name, Keys keys, bool is_ours = true) {
    opened_.push_back({std::move(observation), {}, std::move(keys), std::move(name), is_ours});
    return static_cast<int>(opened_.size()) - 1;
  }
  Open& at(int index) { return opened_[static_cast<std::size_t>(index)]; }
  void end(int index) {
    Open& ended = at(index);
    ended.context = ended.observation.context();
    ended.observation.end();
    expected[ended.name] = ended.keys;
    ended.is_ours = false;
  }
  Context context_of(int index) {
    const Open& open = at(index);
    return open.observation.id().is_valid() ? open.observation.context() : open.context;
  }

  void log(const Keys& here) {
    const std::string message = next_name();
    LogLine line;
    line.message = message;
    submit(line);
    expected[message] = here;
  }

  // `here`: what the current context carries; `current`: the observation it is in.
  void block(int depth, const Keys& here, int current) {
    for (int left = 2 + pick(4); left > 0 && depth < deepest && records_ < most_records; --left) {
      step(depth + 1, here, current);
    }
    log(here);
  }

  void step(int depth, const Keys& here, int current) {
    const int other = opened_.empty() ? none : pick(static_cast<int>(opened_.size()));
    switch (pick(9)) {
      case 0:
      case 1:
        return propagate(depth, here, current);
      case 2: {
        const std::string name = next_name();
        const int index = open(observe(name), name, here);
        block(depth, here, index);
        return end(index);
      }
      case 3: {
        const std::string name = next_name();
        const int index = open(start_observation(name), name, here, false);
        block(depth, here, current);
        return end(index);
      }
      case 4:
        if (other != none) below(depth, here, other);
        return;
      case 5:
        return alone(depth, here);
      case 6: {
        if (other == none) return;
        const Keys keys = united(here, at(other).keys);
        const ContextScope scope(context_of(other));
        return block(depth, keys, other);
      }
      case 7: {
        const ContextScope scope{Context()};
        return block(depth, here, none);
      }
      default:
        return bind(here);
    }
  }

  void propagate(int depth, const Keys& here, int current) {
    if (keys_ == most_keys) return;
    const int key = keys_++;
    const auto scope = propagate_attributes(
        PropagatedAttributes().set_metadata("k" + std::to_string(key), std::to_string(key)));
    if (current != none && at(current).is_ours) at(current).keys.insert(key);
    block(depth, united(here, {key}), current);
  }

  void below(int depth, const Keys& here, int parent) {
    const std::string name = next_name();
    const Keys keys = united(here, at(parent).keys);
    const Context context = context_of(parent);
    const bool is_ours = pick(2) == 0;
    const int index = is_ours
                          ? open(observe(name, ObservationType::span, context), name, keys)
                          : open(start_observation(name, ObservationOptions().set_parent(context)),
                                 name, keys, false);
    if (is_ours) {
      block(depth, keys, index);
    } else {
      const ContextScope scope(at(index).observation.context());
      block(depth, keys, index);
    }
    end(index);
  }

  // Below nothing, or below what another process has.
  void alone(int depth, const Keys& here) {
    const std::string name = next_name();
    SpanContext foreign;
    foreign.trace_id = create_trace_id(name);
    foreign.span_id = create_observation_id(name);
    ObservationOptions options;
    switch (pick(4)) {
      case 0:
        options.set_root();
        break;
      case 1:
        options.set_trace_id(foreign.trace_id);
        break;
      case 2:
        options.set_parent(foreign);
        break;
      default:
        options.set_parent(remote_context(traceparent_of(foreign)));
    }
    const int index = open(observe(name, options), name, here);
    block(depth, here, index);
    end(index);
  }

  static std::string traceparent_of(const SpanContext& span) {
    Context context;
    context.span = span;
    return traceparent(context).c_str();
  }

  // Calls what was bound earlier, and binds something for later.
  void bind(const Keys& here) {
    if (!bound_.empty()) bound_[static_cast<std::size_t>(pick(static_cast<int>(bound_.size())))]();
    bound_.emplace_back(bind_context([this, here] {
      const std::string name = next_name();
      end(open(observe(name), name, here));
      log(here);
    }));
  }

  std::mt19937 random_;
  int records_ = 0;
  int keys_ = 0;
  std::deque<Open> opened_;
  std::vector<std::function<void()>> bound_;
};

Keys keys_of(const DecodedSpan& span) {
  Keys keys;
  for (const auto& [key, value] : span.attributes) {
    if (key.compare(0, prefix.size(), prefix) != 0) continue;
    const int number = std::stoi(key.substr(prefix.size()));
    EXPECT_TRUE(keys.insert(number).second) << "twice: " << key;
    EXPECT_EQ(value, "\"" + std::to_string(number) + "\"");
  }
  return keys;
}

TEST(PropagationModel, SaysWhatEveryRecordOfARandomProgramCarries) {
  std::size_t records = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Capture capture;
    Program program(seed);

    program.run();

    std::map<std::string, Keys> found;
    for (const DecodedSpan& span : capture.spans()) {
      const bool is_line = span.name == "log.info";
      if (!is_line && program.expected.count(span.name) == 0) continue;  // the process root
      found[is_line ? span.text("langfuse.observation.input") : span.name] = keys_of(span);
    }
    ASSERT_EQ(found, program.expected);
    records += found.size();
  }
  EXPECT_GT(records, 5000u);
}

}  // namespace
}  // namespace langfuse::internal
