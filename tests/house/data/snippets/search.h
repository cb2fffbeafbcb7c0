// The reader's own: what answers questions.
#include <future>
#include <string>
#include <vector>

std::vector<std::string> search(const std::string& question);
std::vector<std::string> search_index(const std::string& question);
std::string rerank(const std::string& question, const std::vector<std::string>& passages);
extern const std::string question;
