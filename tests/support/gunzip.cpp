#include "tests/support/gunzip.h"

#include <zlib.h>

namespace langfuse {
inline namespace v0_1 {
namespace internal {

std::string gunzip(std::string_view data) {
  constexpr int gzip_only = 15 + 16;
  z_stream stream = {};
  if (inflateInit2(&stream, gzip_only) != Z_OK) return "(no memory)";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::string output;
  int result = Z_OK;
  while (result == Z_OK) {
    char block[4096];
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof(block);
    result = inflate(&stream, Z_NO_FLUSH);
    output.append(block, sizeof(block) - stream.avail_out);
  }
  const bool is_whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  return is_whole ? output : "(not gzip)";
}

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
