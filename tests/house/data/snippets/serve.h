// The reader's own: a server, and a batch job.
#include <string>
#include <vector>

int serve();

struct Server {
  int run();
  void stop();
};
extern Server server;

struct Email {
  std::string text;
};
std::vector<Email> read_emails();
int run(const std::vector<Email>& emails);

struct Workflow {
  std::string run(const Email& email);
};
