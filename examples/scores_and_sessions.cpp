// Scores: the judgement of a program, a person or another model about an answer. Scores of an
// observation, of the trace of a request, and of a session, which is a conversation of many traces.
//
// Some are known while the trace is made. A person's opinion comes later, often in another process:
// the ids are sent out with the answer, and come back with the feedback.
#include <cstdio>
#include <string>

#include "langfuse/langfuse.h"
#include "langfuse/tracing/observe.h"
#include "langfuse/tracing/score.h"

namespace {

struct Answer {
  std::string text;
  std::string trace_id;  // a web page would send it back with a thumbs up
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

    // A number, with its reason.
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

// Later, perhaps in another process, only the id is known.
void take_feedback(const std::string& trace_id, const std::string& words) {
  langfuse::Score score("user-feedback", words);
  score.data_type = langfuse::ScoreDataType::text;
  score.trace_id = langfuse::TraceId::from_hex(trace_id);
  score.id = "feedback-" + trace_id;  // a second opinion replaces the first
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

  // A score without a target is refused with a message on stderr, and counted.
  langfuse::create_score(langfuse::Score("of nothing", 1));

  const langfuse::FlushResult result = langfuse::flush();
  std::printf("delivered %llu, refused %llu\n", static_cast<unsigned long long>(result.delivered),
              static_cast<unsigned long long>(result.dropped[langfuse::DropReason::invalid]));
  return result.ok() ? 0 : 1;
}
