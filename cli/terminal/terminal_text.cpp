#include "cli/terminal/terminal_text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "cli/terminal/character_width.h"

namespace langfuse_cli {

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Cluster cluster = next_cluster(text);
    width += cluster.width;
    text.remove_prefix(cluster.length);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t width) {
  std::string fitted;
  std::size_t used = 0;
  std::size_t room_for_ellipsis = 0;  // bytes of `fitted` up to which `…` still fits behind
  while (!text.empty()) {
    const Cluster cluster = next_cluster(text);
    if (used + cluster.width > width) {
      fitted.resize(room_for_ellipsis);
      return width == 0 ? std::string{} : fitted + "…";
    }
    fitted += cluster.is_steering ? " " : std::string(text.substr(0, cluster.length));
    used += cluster.width;
    if (used < width) {
      room_for_ellipsis = fitted.size();
    }
    text.remove_prefix(cluster.length);
  }
  return fitted;
}

std::string pad(std::string_view text, std::size_t width) {
  std::string padded = fit(text, width);
  const std::size_t used = display_width(padded);
  return used < width ? padded.append(width - used, ' ') : padded;
}

Palette Palette::for_descriptor(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  return Palette(::isatty(descriptor) == 1 && (no_color == nullptr || *no_color == '\0'));
}

std::string Palette::paint(Colour colour, std::string_view text) const {
  if (!enabled_ || colour == Colour::none) {
    return std::string(text);
  }
  constexpr std::array<const char*, 9> codes{"0", "2", "1", "31", "32", "33", "34", "35", "36"};
  return "\x1b[" + std::string(codes.at(static_cast<std::size_t>(colour))) + "m" +
         std::string(text) + "\x1b[0m";
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const long width = std::strtol(columns, nullptr, 10);
    if (width > 0 && width < 10'000) {
      return static_cast<std::size_t>(width);
    }
  }
  return 110;
}

}  // namespace langfuse_cli
