#include "receiver/store/media_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <system_error>

#include "receiver/base/json_text.h"
#include "receiver/base/private_file.h"

namespace langfuse_receiver {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t id_length = 22;
constexpr std::size_t sha256_base64_length = 44;
constexpr const char* bytes_suffix = ".bin";
constexpr const char* description_suffix = ".json";

bool is_base64_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

Json to_json(const Media& media) {
  Json links = Json::array();
  for (const MediaLink& link : media.links) {
    links.push_back({{"traceId", link.trace_id},
                     {"observationId", link.observation_id},
                     {"field", link.field}});
  }
  return {{"sha256Hash", media.sha256},
          {"contentType", media.content_type},
          {"contentLength", media.content_length},
          {"uploadedUnixNano", media.uploaded_unix_nano},
          {"links", std::move(links)}};
}

// Empty for a file that is none of ours.
std::optional<Media> from_text(const std::string& text) {
  try {
    const Json json = parse_json(text).value_or(Json::object());
    Media media;
    media.sha256 = json.at("sha256Hash").get<std::string>();
    media.content_type = json.at("contentType").get<std::string>();
    media.content_length = json.at("contentLength").get<std::int64_t>();
    media.uploaded_unix_nano = json.at("uploadedUnixNano").get<std::int64_t>();
    for (const Json& link : json.at("links")) {
      media.links.push_back({link.at("traceId").get<std::string>(),
                             link.at("observationId").get<std::string>(),
                             link.at("field").get<std::string>()});
    }
    if (!is_sha256(media.sha256)) {
      return std::nullopt;
    }
    media.id = media_id(media.sha256);
    return media;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

bool is_sha256(const std::string& text) {
  return text.size() == sha256_base64_length && text.back() == '=' &&
         std::all_of(text.begin(), text.end() - 1,
                     [](char c) { return is_base64_character(c) || c == '+' || c == '/'; });
}

std::string media_id(const std::string& sha256) {
  std::string id = sha256.substr(0, id_length);
  std::replace(id.begin(), id.end(), '+', '-');
  std::replace(id.begin(), id.end(), '/', '_');
  return id;
}

bool is_media_id(const std::string& id) {
  return id.size() == id_length && std::all_of(id.begin(), id.end(), [](char c) {
           return is_base64_character(c) || c == '-' || c == '_';
         });
}

MediaStore::MediaStore(const std::string& database) : is_temporary_(database.empty()) {
  if (!is_temporary_) {
    directory_ = database + "-media";
    check_directory();
    read_back();
  }
}

MediaStore::~MediaStore() {
  if (is_temporary_ && !directory_.empty()) {
    std::error_code ignored;  // what is left is in the system's temporary directory
    fs::remove_all(directory_, ignored);
  }
}

bool MediaStore::announce(const Media& announced, const MediaLink& link) {
  const std::lock_guard<std::mutex> lock(mutex_);
  make_directory();
  Media& media = media_[media_id(announced.sha256)];
  if (media.content_type != announced.content_type) {
    std::vector<MediaLink> links = std::move(media.links);
    media = announced;
    media.id = media_id(announced.sha256);
    media.links = std::move(links);
  }
  const bool is_linked =
      std::any_of(media.links.begin(), media.links.end(), [&](const MediaLink& known) {
        return known.trace_id == link.trace_id && known.observation_id == link.observation_id &&
               known.field == link.field;
      });
  if (!is_linked) {
    media.links.push_back(link);
  }
  write(media);
  return media.uploaded_unix_nano != 0;
}

void MediaStore::keep(const std::string& id, const std::string& bytes, std::int64_t now_unix_nano) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto media = media_.find(id);
  if (media == media_.end()) {
    return;
  }
  write_private_file(path_of(id, bytes_suffix), bytes);
  media->second.uploaded_unix_nano = now_unix_nano;
  write(media->second);
}

void MediaStore::forget(const std::vector<std::string>& trace_ids) {
  const std::set<std::string> gone(trace_ids.begin(), trace_ids.end());
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto at = media_.begin(); at != media_.end();) {
    std::vector<MediaLink>& links = at->second.links;
    const auto first_gone = std::remove_if(links.begin(), links.end(), [&](const MediaLink& link) {
      return gone.count(link.trace_id) == 1;
    });
    const bool is_changed = first_gone != links.end();
    links.erase(first_gone, links.end());
    if (is_changed && links.empty()) {
      remove_files(at->first);
      at = media_.erase(at);
      continue;
    }
    if (is_changed) {
      try {
        write(at->second);
      } catch (const std::runtime_error&) {
        // A link to a trace that is not there harms nobody.
      }
    }
    ++at;
  }
}

std::optional<Media> MediaStore::find(const std::string& id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto media = media_.find(id);
  return media == media_.end() ? std::nullopt : std::optional<Media>(media->second);
}

std::optional<std::string> MediaStore::bytes(const std::string& id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto media = media_.find(id);
  return media == media_.end() || media->second.uploaded_unix_nano == 0
             ? std::nullopt
             : read_file(path_of(id, bytes_suffix));
}

std::vector<Media> MediaStore::of_trace(const std::string& trace_id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<Media> found;
  for (const auto& [id, media] : media_) {
    const bool belongs =
        std::any_of(media.links.begin(), media.links.end(),
                    [&](const MediaLink& link) { return link.trace_id == trace_id; });
    if (belongs && media.uploaded_unix_nano != 0) {
      found.push_back(media);
    }
  }
  return found;
}

void MediaStore::read_back() {
  std::error_code none;  // there is no directory before the first file
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_, none)) {
    const std::string id = entry.path().stem().string();
    if (entry.path().extension() != description_suffix || !is_media_id(id)) {
      continue;
    }
    const auto text = read_file(entry.path().string());
    if (auto media = text ? from_text(*text) : std::nullopt; media && media->id == id) {
      media_[id] = std::move(*media);
    }
  }
}

void MediaStore::make_directory() {
  if (is_temporary_ && directory_.empty()) {
    std::string name = (fs::temp_directory_path() / "langfuse-media-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {  // with mode 0700
      throw std::runtime_error("cannot make " + name + ": " + std::strerror(errno));
    }
    directory_ = name;
  } else if (::mkdir(directory_.c_str(), S_IRWXU) != 0) {
    if (errno != EEXIST) {
      throw std::runtime_error("cannot make " + directory_ + ": " + std::strerror(errno));
    }
    check_directory();  // it may have come since the start
  }
}

void MediaStore::check_directory() const {
  if (const std::string problem = folder_problem(directory_); !problem.empty()) {
    throw std::runtime_error("cannot keep media in " + directory_ + ": " + problem +
                             "; or give another file with --db");
  }
}

void MediaStore::write(const Media& media) const {
  write_private_file(path_of(media.id, description_suffix), to_text(to_json(media)));
}

void MediaStore::remove_files(const std::string& id) const {
  // The description last: bytes without one would never be found again.
  for (const char* suffix : {bytes_suffix, description_suffix}) {
    std::error_code ignored;  // the directory may have been taken away
    fs::remove(path_of(id, suffix), ignored);
  }
}

std::string MediaStore::path_of(const std::string& id, const char* suffix) const {
  return directory_ + "/" + id + suffix;
}

}  // namespace langfuse_receiver
