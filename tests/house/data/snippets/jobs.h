// The reader's own: jobs from a queue.
#include <string>

struct Job {
  std::string conversation, question;
};
bool wait_for_next(Job& job);
void run(const Job& job);
