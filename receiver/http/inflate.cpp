#include "receiver/http/inflate.h"

#include <zlib.h>

#include <array>
#include <memory>

namespace langfuse_receiver {

InflateResult inflate_gzip(std::string_view compressed, std::size_t limit, std::string& text,
                           std::string& error) {
  text.clear();
  z_stream stream{};
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (::inflateInit2(&stream, gzip_only) != Z_OK) {
    error = "zlib cannot be initialised";
    return InflateResult::invalid;
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, &::inflateEnd);
  // zlib's interface takes a pointer to non-const data that it does not write to.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::array<char, 65536> buffer;
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    const std::size_t produced = buffer.size() - stream.avail_out;
    if (text.size() + produced > limit) {
      text = {};
      return InflateResult::too_large;
    }
    text.append(buffer.data(), produced);
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) {
        return InflateResult::ok;
      }
      ::inflateReset(&stream);  // gzip files may be concatenated
    } else if (result != Z_OK) {
      error = result == Z_BUF_ERROR   ? "unexpected end of file"
              : stream.msg != nullptr ? stream.msg
                                      : "invalid gzip data";
      text = {};
      return InflateResult::invalid;
    }
  }
}

}  // namespace langfuse_receiver
