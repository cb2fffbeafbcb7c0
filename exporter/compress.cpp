#include "exporter/compress.h"

#if defined(LANGFUSE_HAVE_LIBDEFLATE)
#include <libdeflate.h>
#else
#include <zlib.h>

#include <algorithm>
#include <limits>
#endif

namespace langfuse {
inline namespace v0_1 {
namespace internal {
namespace {

// Level 1 makes our bodies five times smaller; higher levels cost several times the CPU for a
// tenth more.
constexpr int compression_level = 1;

}  // namespace

#if defined(LANGFUSE_HAVE_LIBDEFLATE)

struct Gzip::State {
  ~State() {
    if (compressor != nullptr) libdeflate_free_compressor(compressor);
  }

  libdeflate_compressor* compressor = nullptr;  // made by the first body
};

bool Gzip::compress(std::string_view input, std::string& output) {
  if (state_->compressor == nullptr)
    state_->compressor = libdeflate_alloc_compressor(compression_level);
  if (state_->compressor == nullptr) return false;
  output.resize(libdeflate_gzip_compress_bound(state_->compressor, input.size()));
  const std::size_t size = libdeflate_gzip_compress(state_->compressor, input.data(), input.size(),
                                                    output.data(), output.size());
  output.resize(size);
  return size != 0;
}

#else

struct Gzip::State {
  ~State() {
    if (is_ready) deflateEnd(&stream);
  }

  z_stream stream = {};
  bool is_ready = false;  // made by the first body
};

bool Gzip::compress(std::string_view input, std::string& output) {
  constexpr int gzip_window_bits = 15 + 16;  // 16 asks for the gzip wrapper
  constexpr int memory_level = 8;
  z_stream& stream = state_->stream;
  if (state_->is_ready) {
    deflateReset(&stream);
  } else {
    state_->is_ready = deflateInit2(&stream, compression_level, Z_DEFLATED, gzip_window_bits,
                                    memory_level, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!state_->is_ready) return false;
  }
  // The stream counts in 32 bits; a body that does not fit goes out uncompressed.
  const std::size_t bound = deflateBound(&stream, static_cast<uLong>(input.size()));
  if (std::max(bound, input.size()) > std::numeric_limits<uInt>::max()) return false;
  output.resize(bound);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));  // only read
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  const bool is_complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  output.resize(output.size() - stream.avail_out);
  return is_complete;
}

#endif

Gzip::Gzip() : state_(std::make_unique<State>()) {}
Gzip::~Gzip() = default;

}  // namespace internal
}  // namespace v0_1
}  // namespace langfuse
