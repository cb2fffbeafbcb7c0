// A small model server for machines without a model: `POST /v1/chat/completions` in OpenAI's shape
// on 127.0.0.1, at a port that the system chooses, with the rules of `stand_in_answers.h` behind
// it. The client cannot tell it from a real one.
#pragma once

#include <memory>
#include <string>

namespace email_workflow {

class StandInModel {
 public:
  static constexpr const char* model_name = "stand-in-1";

  // Starts to serve, on threads of its own; requests are accepted when this returns. Throws
  // `std::runtime_error` when no port can be had.
  StandInModel();
  // Answers what has arrived, then stops.
  ~StandInModel();
  StandInModel(const StandInModel&) = delete;
  StandInModel& operator=(const StandInModel&) = delete;

  // For `Endpoint::base_url`.
  std::string base_url() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace email_workflow
