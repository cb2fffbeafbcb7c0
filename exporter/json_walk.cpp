#include "exporter/json_walk.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/readable_json.h"

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

using Json = nlohmann::json;

// Keeps the path, and hands on the scalars.
class Walker : public nlohmann::json_sax<Json> {
 public:
  explicit Walker(const std::function<void(const JsonScalar&)>& on_scalar)
      : on_scalar_(on_scalar) {}

  bool null() override { return tell({}); }
  bool boolean(bool) override { return tell({}); }
  bool number_integer(std::int64_t value) override {
    JsonScalar scalar;
    scalar.kind = JsonScalar::Kind::integer;
    scalar.integer = value;
    return tell(scalar);
  }
  bool number_unsigned(std::uint64_t value) override {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return value <= most ? number_integer(static_cast<std::int64_t>(value)) : tell({});
  }
  bool number_float(double, const std::string&) override { return tell({}); }
  bool string(std::string& text) override {
    JsonScalar scalar;
    scalar.kind = JsonScalar::Kind::text;
    scalar.text = text;
    return tell(scalar);
  }
  bool binary(Json::binary_t&) override { return tell({}); }  // not in JSON

  bool start_object(std::size_t) override { return begin(false); }
  bool key(std::string& name) override {
    path_.resize(levels_.back().path_size);
    path_ += '/';
    for (const char character : name) {
      if (character == '~') {
        path_ += "~0";
      } else if (character == '/') {
        path_ += "~1";
      } else {
        path_ += character;
      }
    }
    return true;
  }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return begin(true); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  struct Level {
    std::size_t path_size;  // of the array or object itself
    bool is_array;
    std::uint64_t elements;
  };

  // A value begins: in an array, the path goes on with its number.
  void enter() {
    if (levels_.empty() || !levels_.back().is_array) return;
    path_.resize(levels_.back().path_size);
    path_ += '/' + std::to_string(levels_.back().elements++);
  }
  bool begin(bool is_array) {
    enter();
    levels_.push_back({path_.size(), is_array, 0});
    return true;
  }
  bool end() {
    path_.resize(levels_.back().path_size);
    levels_.pop_back();
    return true;
  }
  bool tell(JsonScalar scalar) {
    enter();
    scalar.path = path_;
    on_scalar_(scalar);
    return true;
  }

  const std::function<void(const JsonScalar&)>& on_scalar_;
  std::string path_;
  std::vector<Level> levels_;
};

}  // namespace

bool walk_json(std::string_view body, const std::function<void(const JsonScalar&)>& on_scalar) {
  Walker walker(on_scalar);
  return Json::sax_parse(readable_json(body), &walker);
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
