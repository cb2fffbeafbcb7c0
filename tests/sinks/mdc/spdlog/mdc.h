// Stands in for the header of spdlog 1.14 and newer where an older one is installed: what of its
// mapped diagnostic context a sink sees.
#pragma once

#include <map>
#include <string>

namespace spdlog {

class mdc {
 public:
  using mdc_map_t = std::map<std::string, std::string>;

  static void put(const std::string& key, const std::string& value) { get_context()[key] = value; }
  static void clear() { get_context().clear(); }
  static mdc_map_t& get_context() {
    static thread_local mdc_map_t context;
    return context;
  }
};

}  // namespace spdlog
