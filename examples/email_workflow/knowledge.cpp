#include "examples/email_workflow/knowledge.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace email_workflow {
namespace {

namespace fs = std::filesystem;

// Words of four letters and more say what a text is about; letters beyond ASCII belong to words.
constexpr std::size_t shortest_word = 4;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&words, &word] {
    if (word.size() >= shortest_word) words.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) != 0) {
      word += static_cast<char>(std::tolower(byte));
    } else {
      end_word();
    }
  }
  end_word();
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

Article read_article(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  Article article;
  article.name = path.stem().string();
  article.text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  const std::string first_line = article.text.substr(0, article.text.find('\n'));
  const std::size_t title = first_line.find_first_not_of("# ");
  article.title = title == std::string::npos ? article.name : first_line.substr(title);
  return article;
}

}  // namespace

KnowledgeBase::KnowledgeBase(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".md") articles_.push_back(read_article(entry->path()));
  }
  if (articles_.empty()) throw std::runtime_error("no .md file in " + folder.string());
  std::sort(articles_.begin(), articles_.end(),
            [](const Article& a, const Article& b) { return a.name < b.name; });
  for (const Article& article : articles_) words_.push_back(words_of(article.text));
}

std::vector<FoundArticle> KnowledgeBase::search(std::string_view query, std::size_t most) const {
  const std::vector<std::string> wanted = words_of(query);
  std::vector<FoundArticle> found;
  for (std::size_t i = 0; i < articles_.size(); ++i) {
    const auto hits =
        std::count_if(wanted.begin(), wanted.end(), [&words = words_[i]](const std::string& word) {
          return std::binary_search(words.begin(), words.end(), word);
        });
    if (hits == 0) continue;
    found.push_back(
        {&articles_[i], static_cast<double>(hits) / static_cast<double>(wanted.size())});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const FoundArticle& a, const FoundArticle& b) { return a.score > b.score; });
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace email_workflow
