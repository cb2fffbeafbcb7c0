// Images, sound and other files that observations refer to: one file with the bytes and one with
// what is known about them, in a directory beside the database. Files are named by their id, which
// is made of the SHA-256 of the bytes, so that no name comes from outside and the same bytes are
// kept once.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace langfuse_receiver {

// Where a file belongs. `field`: input, output or metadata.
struct MediaLink {
  std::string trace_id;
  std::string observation_id;  // empty: the trace itself
  std::string field;
};

struct Media {
  std::string id;      // 22 characters of base64url
  std::string sha256;  // of the bytes, in base64
  std::string content_type;
  std::int64_t content_length = 0;      // bytes
  std::int64_t uploaded_unix_nano = 0;  // 0: announced, not here yet
  std::vector<MediaLink> links;
};

// `text` is a SHA-256 in base64 with padding: 44 characters.
bool is_sha256(const std::string& text);

// The id of the bytes with this hash. REQUIRES: `is_sha256(sha256)`.
std::string media_id(const std::string& sha256);

// True for what `media_id` returns, and so for a name that is safe in a path.
bool is_media_id(const std::string& id);

// Any thread may call any function; calls take turns. What cannot be written throws
// `std::runtime_error`, naming the file.
class MediaStore {
 public:
  // The files are in `<database>-media`, which is made with mode 0700 when the first one comes, and
  // read back here. `database` empty: in a temporary directory that goes with the store. Throws
  // `std::runtime_error` if there is something of this name that is not ours alone.
  explicit MediaStore(const std::string& database);
  ~MediaStore();
  MediaStore(const MediaStore&) = delete;
  MediaStore& operator=(const MediaStore&) = delete;

  // Notes what is about to be uploaded and where it belongs. Returns true if the bytes are here
  // already with the same content type. `media.id` is set by the hash.
  bool announce(const Media& media, const MediaLink& link);

  // Keeps the bytes of an announced file. REQUIRES: they have its hash.
  void keep(const std::string& id, const std::string& bytes, std::int64_t now_unix_nano);

  // These traces are gone: files that belonged to no other go, too. What cannot be written or
  // removed stays as it is on the disk.
  void forget(const std::vector<std::string>& trace_ids);

  std::optional<Media> find(const std::string& id) const;

  // Empty if they are not here.
  std::optional<std::string> bytes(const std::string& id) const;

  // The files that are here and belong to a trace.
  std::vector<Media> of_trace(const std::string& trace_id) const;

 private:
  void read_back();
  void make_directory();
  void check_directory() const;
  void write(const Media& media) const;
  void remove_files(const std::string& id) const;
  std::string path_of(const std::string& id, const char* suffix) const;

  mutable std::mutex mutex_;
  bool is_temporary_;
  std::string directory_;               // empty: not made yet; guarded by mutex_
  std::map<std::string, Media> media_;  // by id; guarded by mutex_
};

}  // namespace langfuse_receiver
