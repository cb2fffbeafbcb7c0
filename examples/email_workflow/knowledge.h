// A folder of short Markdown articles that answers are looked up in.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace email_workflow {

struct Article {
  std::string name;   // the file's name without its ending
  std::string title;  // the first line, without `#`
  std::string text;
};

struct FoundArticle {
  const Article* article = nullptr;  // lives as long as the knowledge base
  double score = 0;                  // the share of the query's words that it contains, > 0 to 1
};

class KnowledgeBase {
 public:
  // Reads every `.md` file. Throws `std::runtime_error`, naming the folder, when there is none.
  explicit KnowledgeBase(const std::filesystem::path& folder);

  // The `most` best articles, best first; those of the same score by name. Empty when no word of
  // the query occurs anywhere.
  std::vector<FoundArticle> search(std::string_view query, std::size_t most) const;

 private:
  std::vector<Article> articles_;
  std::vector<std::vector<std::string>> words_;  // of each article, sorted
};

}  // namespace email_workflow
