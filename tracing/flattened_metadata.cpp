#include "tracing/flattened_metadata.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "model/attribute_keys.h"
#include "model/cut_text.h"
#include "model/json_check.h"
#include "model/protobuf_writer.h"
#include "pipeline/client.h"
#include "tracing/observation_attributes.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

constexpr int deepest = 10;
constexpr int most_paths = 128;

// All below: of valid JSON.

std::string_view without_space(std::string_view json) noexcept {
  constexpr std::string_view space = " \t\n\r";
  const std::size_t first = json.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return json.substr(first, json.find_last_not_of(space) - first + 1);
}

// The string that `json` begins with, quotes included.
std::size_t string_size(std::string_view json) noexcept {
  std::size_t at = 1;
  while (json[at] != '"') at += json[at] == '\\' ? 2U : 1U;
  return at + 1;
}

// The value that `json` begins with, up to the comma or bracket behind it.
std::size_t value_size(std::string_view json) noexcept {
  int depth = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      at += string_size(json.substr(at)) - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth-- == 0) return at;
    } else if (c == ',' && depth == 0) {
      return at;
    }
  }
  return json.size();
}

// Calls `use(name, value)` for each member of an object, the name without its quotes, until it
// returns false. False then.
template <class Use>
bool for_each_member(std::string_view object, Use use) noexcept {
  object.remove_prefix(1);
  for (;;) {
    const std::size_t begin = object.find_first_not_of(" \t\n\r,");
    if (begin == std::string_view::npos || object[begin] != '"') return true;
    object.remove_prefix(begin);
    const std::size_t name_size = string_size(object);
    const std::string_view name = object.substr(1, name_size - 2);
    object.remove_prefix(object.find(':', name_size) + 1);
    const std::size_t size = value_size(object);
    if (!use(name, without_space(object.substr(0, size)))) return false;
    object.remove_prefix(size);
  }
}

std::uint32_t hex_number(std::string_view digits) noexcept {
  std::uint32_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

char* write_utf8(char* out, std::uint32_t code) noexcept {
  const auto tail = [code](int shift) {
    return static_cast<char>(0x80U | (code >> static_cast<unsigned>(shift) & 0x3FU));
  };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xC0U | code >> 6U);
    *out++ = tail(0);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0U | code >> 12U);
    *out++ = tail(6);
    *out++ = tail(0);
  } else {
    *out++ = static_cast<char>(0xF0U | code >> 18U);
    *out++ = tail(12);
    *out++ = tail(6);
    *out++ = tail(0);
  }
  return out;
}

// Writes what the inside of a JSON string stands for, which takes no more bytes than it.
char* write_unescaped(char* out, std::string_view inside) noexcept {
  constexpr std::string_view letters = "bfnrt";
  constexpr std::string_view meanings = "\b\f\n\r\t";
  while (!inside.empty()) {
    const std::size_t run = std::min(inside.find('\\'), inside.size());
    out = write_raw(out, inside.substr(0, run));
    inside.remove_prefix(run);
    if (inside.empty()) return out;
    const char escaped = inside[1];
    if (escaped != 'u') {
      const std::size_t letter = letters.find(escaped);
      *out++ = letter == std::string_view::npos ? escaped : meanings[letter];
      inside.remove_prefix(2);
      continue;
    }
    std::uint32_t code = hex_number(inside.substr(2, 4));
    inside.remove_prefix(6);
    if (code >= 0xD800 && code < 0xDC00) {  // the first of a pair
      code = 0x10000 + ((code - 0xD800) << 10U) + (hex_number(inside.substr(2, 4)) - 0xDC00);
      inside.remove_prefix(6);
    }
    out = write_utf8(out, code);
  }
  return out;
}

bool append_unescaped(GrowingArray<char>& text, std::string_view inside) noexcept {
  char* const room = text.reserve(inside.size());
  if (room == nullptr) return inside.empty();
  text.commit(static_cast<std::size_t>(write_unescaped(room, inside) - room));
  return true;
}

void cut_back(GrowingArray<char>& text, std::size_t size) noexcept {
  text.erase(size, text.size() - size);
}

// One object on its way.
class Flattening {
 public:
  explicit Flattening(ObservationState& state) noexcept : state_(state) {}

  bool set_path(std::string_view key) noexcept { return set_text(path_, Text(key)); }
  bool has_memory() const noexcept { return has_memory_; }

  // Calls `use(value, is_open)` with every value that gets a path, and with every object that is
  // taken apart (`is_open`), until it returns false or memory ends. False then. REQUIRES: not
  // `stays_whole(object)`.
  template <class Use>
  bool for_each_path(std::string_view object, Use& use, int depth = 1) noexcept {
    return for_each_member(object, [&](std::string_view name, std::string_view value) {
      const std::size_t size = path_.size();
      has_memory_ = has_memory_ && append_unescaped(path_, ".") && append_unescaped(path_, name);
      if (!has_memory_) return false;
      const bool is_open = value.front() == '{' && depth < deepest && !stays_whole(value);
      const bool goes_on =
          use(value, is_open) && (!is_open || for_each_path(value, use, depth + 1));
      if (has_memory_) cut_back(path_, size);
      return goes_on && has_memory_;
    });
  }

  // For `for_each_path`. False when what is there by now had that path, too: one of the two would
  // be lost, and which of them an object means is for its reader to say.
  bool note_path() noexcept {
    const std::size_t hash = std::hash<std::string_view>()(view(path_));
    if (std::find(noted_.begin(), noted_.end(), hash) != noted_.end()) return false;
    std::size_t* const room = noted_.reserve(1);
    has_memory_ = room != nullptr;
    if (!has_memory_) return false;
    *room = hash;
    noted_.commit(1);
    return true;
  }

  // Whether the object is empty, or has a name that makes no path.
  bool stays_whole(std::string_view object) noexcept {
    bool is_empty = true;
    const bool has_paths = for_each_member(object, [&](std::string_view name, std::string_view) {
      is_empty = false;
      text_.clear(largest_kept_text);
      has_memory_ = has_memory_ && append_unescaped(text_, name);
      return !name.empty() && is_served(view(text_));
    });
    return is_empty || !has_paths;
  }

  // Sets the attribute of the present path. False when it is lost.
  bool set(std::string_view value) noexcept {
    const Text users_part(view(path_), state_.client->settings().value_max_bytes);
    const FullKey key(keys::metadata_prefix, users_part);
    if (!set_typed(key, value)) return false;
    if (users_part.is_cut()) state_.client->counters().cut_texts.add();
    state_.attributes.newest()->is_part = true;
    return true;
  }

 private:
  bool set_typed(const FullKey& key, std::string_view value) noexcept {
    switch (value.front()) {
      case '"':
        text_.clear(largest_kept_text);
        has_memory_ = append_unescaped(text_, value.substr(1, value.size() - 2));
        return has_memory_ && set_attribute(state_, key, view(text_));
      case 't':
      case 'f':
        return set_attribute(state_, key, value.front() == 't');
      case '{':
      case '[':
      case 'n':
        return set_attribute(state_, key, value);
      default:
        return set_number(key, value);
    }
  }

  // As text what no type of ours holds.
  bool set_number(const FullKey& key, std::string_view digits) noexcept {
    const char* const begin = digits.data();
    const char* const end = begin + digits.size();
    const auto parsed = [&](auto& number) {
      return std::from_chars(begin, end, number).ec == std::errc();
    };
    if (digits.find_first_of(".eE") != std::string_view::npos) {
      double real = 0;
      return set_attribute(state_, key, parsed(real) ? Value(real) : Value(digits));
    }
    std::int64_t integer = 0;
    if (parsed(integer)) return set_attribute(state_, key, integer);
    std::uint64_t large = 0;
    return set_attribute(state_, key, parsed(large) ? Value(large) : Value(digits));
  }

  ObservationState& state_;
  GrowingArray<char> path_;
  GrowingArray<char> text_;
  GrowingArray<std::size_t> noted_;  // hashes of paths
  bool has_memory_ = true;
};

// What the server writes itself, next to which members of the user's would be mixed up.
bool is_of_the_server(std::string_view key) noexcept {
  return key == "resourceAttributes" || key == "scope" || key == "attributes";
}

// Removes what objects have set below `key` and, `with_key`, what the key itself has.
void remove_all(ObservationState& state, std::string_view key, bool with_key) noexcept {
  const Text users_part(key, state.client->settings().value_max_bytes);
  const FullKey full_key(keys::metadata_prefix, users_part);
  const std::size_t size = full_key.text_size();
  state.attributes.remove_if([&](const KeyedPieces::Entry& entry) {
    const std::string_view text = state.attributes.key(entry);
    if (text.size() == size) return (with_key || entry.is_part) && full_key.reads_as(text);
    return entry.is_part && text.size() > size && text[size] == '.' &&
           full_key.reads_as(text.substr(0, size));
  });
}

bool is_dropped_segment(std::string_view segment) noexcept {
  const std::size_t size = segment.size();
  if (size == 9) return segment == "__proto__" || segment == "prototype";
  return size == 11 && segment == "constructor";
}

}  // namespace

bool has_dropped_segment(std::string_view key) noexcept {
  for (;;) {
    const std::size_t dot = std::min(key.find('.'), key.size());
    if (is_dropped_segment(key.substr(0, dot))) return true;
    if (dot == key.size()) return false;
    key.remove_prefix(dot + 1);
  }
}

void remove_paths(ObservationState& state, std::string_view key) noexcept {
  remove_all(state, key, false);
}

bool set_flattened(ObservationState& state, std::string_view key, std::string_view json) noexcept {
  const std::string_view object = without_space(json);
  if (object.empty() || object.front() != '{' || is_of_the_server(key) || !is_json(object)) {
    return false;
  }
  Flattening flattening(state);
  int paths = 0;
  const auto count = [&](std::string_view, bool is_open) {
    paths += is_open ? 0 : 1;
    return paths <= most_paths && flattening.note_path();
  };
  bool has_memory = flattening.set_path(key);
  if (has_memory) {
    if (flattening.stays_whole(object)) return false;
    if (!flattening.for_each_path(object, count)) {
      if (flattening.has_memory()) return false;
      has_memory = false;
    }
  }
  remove_all(state, key, true);
  state.has_parts = true;
  state.at_once_limit = 0;  // what is set from now on may be in their way
  const std::uint64_t generation = state.generation.load(std::memory_order_relaxed);
  const auto set = [&](std::string_view value, bool is_open) {
    return is_open || flattening.set(value);
  };
  if (has_memory && flattening.set_path(key) && flattening.for_each_path(object, set)) return true;
  // Lost as a whole: half of an object would pass for all of it. `on_error` may have been told by
  // the setter, and have ended the observation.
  if (state.generation.load(std::memory_order_relaxed) != generation) return true;
  remove_all(state, key, true);
  if (!flattening.has_memory() || !has_memory) count_lost_value(*state.client);
  return true;
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
