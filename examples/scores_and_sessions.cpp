// Scores: what a program, a person or another model thinks of what a model said. Of one
// observation, of the trace that answers a request, and of a session, a conversation of many
// traces.
//
// Some are known while the trace is made. A person's opinion comes later, often in another process:
// the ids go out with the answer and come back with the feedback.
#include <cstdio>
#include <string>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/score.h"

namespace {

struct Answer {
  std::string text;
  std::string trace_id;  // what a web page would send back with its thumbs up
};

Answer answer(const std::string& question) {
  auto request = langfuse::observe("answer", langfuse::ObservationType::chain);
  request.set_input(question);
  Answer result;
  result.trace_id = request.trace_id().hex().c_str();
  {
    auto call = langfuse::observe("chat", langfuse::ObservationType::generation);
    result.text = "Your order arrives on Friday.";
    call.set_model("qwen3-8b").set_output(result.text);

    // A number, with how it came about.
    langfuse::ScoreDetails details;
    details.comment = "one sentence, names a day";
    details.metadata = R"({"rule": "arrival-7"})";
    call.score("relevance", 0.92, details);
  }
  request.set_output(result.text);
  // A category and a bool, of the whole trace.
  request.score_trace("tone", "friendly");
  request.score_trace("answered", true);
  return result;
}

// Later, perhaps elsewhere: all that is left is the id.
void take_feedback(const std::string& trace_id, const std::string& words) {
  langfuse::Score score("user-feedback", words);
  score.data_type = langfuse::ScoreDataType::text;
  score.trace_id = langfuse::TraceId::from_hex(trace_id);
  score.id = "feedback-" + trace_id;  // who changes their mind replaces what they said
  langfuse::create_score(score);
}

}  // namespace

int main() {
  langfuse::init();

  const Answer given = answer("Where is order 4711?");
  std::printf("%s\n", given.text.c_str());
  take_feedback(given.trace_id, "Thank you");
  take_feedback(given.trace_id, "Thank you, it came on Friday");

  langfuse::Score resolved("resolved", true);
  resolved.session_id = "chat-9001";
  langfuse::create_score(resolved);

  // A score that nobody could take is refused with a word on stderr, and counted.
  langfuse::create_score(langfuse::Score("of nothing", 1));

  const langfuse::FlushResult result = langfuse::flush();
  std::printf("delivered %llu, refused %llu\n", static_cast<unsigned long long>(result.delivered),
              static_cast<unsigned long long>(result.dropped[langfuse::DropReason::invalid]));
  return result.ok() ? 0 : 1;
}
