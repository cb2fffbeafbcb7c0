// The reader's own: a model that streams its answer.
#include <string>

struct Stream {
  explicit Stream(const std::string& prompt);
  bool next(std::string& piece);
};
std::string ask_model(const std::string& prompt);
extern const std::string question, prompt, answer;
