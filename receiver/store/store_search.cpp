#include "receiver/store/store_search.h"

#include <algorithm>
#include <cctype>

namespace langfuse_receiver {
namespace {

constexpr const char* fields[] = {"name", "input", "output", "metadata", "statusMessage", "model"};
constexpr char mark_begin = '\1';

// Bytes beyond ASCII count as letters: whether they are is the tokenizer's business.
bool is_of_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80U || std::isalnum(byte) != 0;
}

bool has_word(const std::string& text) {
  return std::any_of(text.begin(), text.end(), is_of_word);
}

}  // namespace

std::int64_t index_texts(std::int64_t most, Connection& connection) {
  SQLite::Statement& last = connection.statement(
      "SELECT max(id), count(*) FROM (SELECT id FROM unindexed ORDER BY id LIMIT ?)");
  last.bind(1, most);
  last.executeStep();
  const std::int64_t id = last.getColumn(0).getInt64();
  const std::int64_t count = last.getColumn(1).getInt64();
  last.reset();
  if (count == 0) {
    return 0;
  }
  SQLite::Statement& insert = connection.statement(
      "INSERT INTO texts (rowid, name, input, output, metadata, status_message, model) "
      "SELECT searchable.* FROM unindexed JOIN searchable USING (id) WHERE unindexed.id <= ? "
      "ORDER BY unindexed.id");
  insert.bind(1, id);
  insert.exec();
  SQLite::Statement& done = connection.statement("DELETE FROM unindexed WHERE id <= ?");
  done.bind(1, id);
  done.exec();
  return count;
}

std::int64_t count_unindexed(Connection& connection) {
  return connection.number("SELECT count(*) FROM unindexed");
}

std::string match_expression(const std::string& typed) {
  std::string expression;
  std::string word;
  bool in_quotes = false;
  const auto end_word = [&](bool is_phrase) {
    if (has_word(word)) {
      // Only the last word of what was typed as one is a beginning.
      expression += (expression.empty() ? "\"" : " \"") + word + (is_phrase ? "\"" : "\"*");
    }
    word.clear();
  };
  for (const char c : typed) {
    if (c == '"') {
      end_word(in_quotes);
      in_quotes = !in_quotes;
    } else if (!in_quotes && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      end_word(false);
    } else if (c != '\0') {
      word += c;
    }
  }
  end_word(in_quotes);
  return expression;
}

std::vector<SearchHit> search_texts(const std::string& typed, std::int64_t limit,
                                    Connection& connection) {
  std::vector<SearchHit> hits;
  const std::string expression = match_expression(typed);
  if (expression.empty()) {
    return hits;
  }
  static const std::string sql = [] {
    std::string text = "SELECT trace_id, span_id, observations.name, type, start_unix_nano";
    for (int column = 0; column < 6; ++column) {
      text += ", snippet(texts, " + std::to_string(column) + ", char(1), char(2), '…', 16)";
    }
    return text +
           " FROM texts JOIN observations ON observations.id = texts.rowid WHERE texts MATCH ? "
           "ORDER BY texts.rowid DESC LIMIT ?";
  }();
  SQLite::Statement& statement = connection.statement(sql);
  statement.bind(1, expression);
  statement.bind(2, limit);
  while (statement.executeStep()) {
    SearchHit hit;
    hit.trace_id = statement.getColumn(0).getString();
    hit.span_id = statement.getColumn(1).getString();
    hit.name = statement.getColumn(2).getString();
    hit.type = statement.getColumn(3).getString();
    hit.start_unix_nano = statement.getColumn(4).getInt64();
    // Of several fields that match the first is shown.
    for (int field = 0; field < 6 && hit.field.empty(); ++field) {
      std::string snippet = statement.getColumn(5 + field).getString();
      if (snippet.find(mark_begin) != std::string::npos) {
        hit.field = fields[field];
        hit.snippet = std::move(snippet);
      }
    }
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace langfuse_receiver
