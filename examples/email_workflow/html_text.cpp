#include "examples/email_workflow/html_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>

namespace email_workflow {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// The name of the tag at `html[0] == '<'`, lower-case, with the slash of an end tag.
std::string tag_name(std::string_view tag) {
  std::size_t end = 1;
  if (end < tag.size() && tag[end] == '/') ++end;
  while (end < tag.size() && std::isalnum(static_cast<unsigned char>(tag[end])) != 0) ++end;
  return lower(tag.substr(1, end - 1));
}

bool breaks_the_line(const std::string& tag) {
  static constexpr std::array<std::string_view, 12> names = {
      "br", "/p", "/div", "/tr", "/li", "/h1", "/h2", "/h3", "/h4", "/table", "/ul", "/blockquote"};
  return std::find(names.begin(), names.end(), tag) != names.end();
}

void append_utf8(std::string& out, unsigned long code) {
  const auto byte = [&out](unsigned long value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6U);
    byte(0x80 | (code & 0x3FU));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12U);
    byte(0x80 | (code >> 6U & 0x3FU));
    byte(0x80 | (code & 0x3FU));
  } else {
    byte(0xF0 | code >> 18U);
    byte(0x80 | (code >> 12U & 0x3FU));
    byte(0x80 | (code >> 6U & 0x3FU));
    byte(0x80 | (code & 0x3FU));
  }
}

bool is_scalar_value(unsigned long code) {
  return code != 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

// The reference at `html[0] == '&'`: appends what it stands for and returns its length, or appends
// the ampersand and returns 1.
std::size_t append_reference(std::string& out, std::string_view html) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> names = {{
      {"amp", "&"},
      {"lt", "<"},
      {"gt", ">"},
      {"quot", "\""},
      {"apos", "'"},
      {"nbsp", " "},
      {"ndash", "\u2013"},
      {"hellip", "\u2026"},
      {"euro", "\u20ac"},
  }};
  const std::size_t end = html.substr(0, 12).find(';');
  if (end != std::string_view::npos && end > 1) {
    const std::string name(html.substr(1, end - 1));
    if (name[0] == '#') {
      const bool is_hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      const unsigned long code =
          std::strtoul(name.c_str() + (is_hex ? 2 : 1), nullptr, is_hex ? 16 : 10);
      if (is_scalar_value(code)) {
        append_utf8(out, code);
        return end + 1;
      }
    }
    for (const auto& [known, text] : names) {
      if (name == known) {
        out += text;
        return end + 1;
      }
    }
  }
  out += '&';
  return 1;
}

}  // namespace

std::string html_to_text(std::string_view html) {
  std::string text;
  const auto end_line = [&text] {
    while (!text.empty() && text.back() == ' ') text.pop_back();
    const bool has_blank_line = text.size() >= 2 && text[text.size() - 2] == '\n';
    if (!text.empty() && !(text.back() == '\n' && has_blank_line)) text += '\n';
  };
  for (std::size_t at = 0; at < html.size();) {
    const char c = html[at];
    if (c == '<') {
      const std::string tag = tag_name(html.substr(at));
      std::string_view closing = html.compare(at, 4, "<!--") == 0 ? "-->" : ">";
      std::size_t end = html.find(closing, at);
      if (tag == "style" || tag == "script" || tag == "head") {
        const std::string end_tag = "</" + tag;
        end = lower(html.substr(at)).find(end_tag);
        if (end != std::string::npos) end = html.find('>', at + end);
        closing = ">";
      }
      if (breaks_the_line(tag)) end_line();
      at = end == std::string_view::npos ? html.size() : end + closing.size();
    } else if (c == '&') {
      at += append_reference(text, html.substr(at));
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (!text.empty() && text.back() != ' ' && text.back() != '\n') text += ' ';
      ++at;
    } else {
      text += c;
      ++at;
    }
  }
  text.erase(text.find_last_not_of(" \n") + 1);
  return text.empty() ? text : text + "\n";
}

}  // namespace email_workflow
