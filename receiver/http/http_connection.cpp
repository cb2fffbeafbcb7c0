#include "receiver/http/http_connection.h"

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>

#include "receiver/base/text.h"
#include "receiver/http/http_text.h"

namespace langfuse_receiver {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Of a head, and of trailers; also what is read at once.
constexpr std::size_t max_head_bytes = 65'536;
constexpr std::size_t bytes_of_write = 262'144;

constexpr seconds keep_alive_time{30};
constexpr seconds io_time{15};       // for a whole head; for each part of a body or an answer
constexpr seconds drain_time{5};     // so that a client that still sends reads why it is refused
constexpr seconds stopping_time{2};  // for what a client must do when the server stops

std::string lower(boost::beast::string_view text) {
  return lowered({text.data(), text.size()});
}

HttpRequest request_of(const http::request_header<>& head) {
  HttpRequest request;
  request.method = std::string(head.method_string());
  Target target = parse_target({head.target().data(), head.target().size()});
  request.path = std::move(target.path);
  request.query = std::move(target.query);
  for (const auto& field : head) {
    request.headers.emplace(lower(field.name_string()), std::string(field.value()));
  }
  return request;
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, HttpShared& shared)
    : socket_(std::move(socket)),
      shared_(shared),
      timer_(socket_.get_executor()),
      buffer_(max_head_bytes) {}

void HttpConnection::read_request() {
  parser_.emplace();
  parser_->header_limit(max_head_bytes);
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());  // `LimitedBody` has its own
  parser_->get().body().limit = shared_.max_body_bytes;
  head_.reset();
  has_skipped_line_ = false;
  keep_alive_ = false;
  state_ = State::reading;
  close_after(buffer_.size() == 0 ? keep_alive_time : io_time);
  if (is_reading_) {  // while a stream was open; there may be a request in the buffer already
    socket_.cancel();
  } else {
    parse();
  }
}

void HttpConnection::parse() {
  // Trailers become fields of the message, too: the head is taken before they come.
  while (!parser_->is_done()) {
    if (!skip_empty_line() || buffer_.size() == 0) {
      return read_more();
    }
    error_code problem;
    try {
      buffer_.consume(parser_->put(buffer_.data(), problem));
    } catch (const std::bad_alloc&) {
      return refuse(503, "out of memory");
    }
    if (problem == http::error::need_more) {
      return read_more();
    }
    if (problem == http::error::header_limit) {
      return refuse(431, "the head of the request is too large");
    }
    if (problem) {
      return refuse(400, "this is no HTTP request: " + problem.message());
    }
    if (!head_ && parser_->is_header_done() && !take_head()) {
      return;
    }
    count_held_bytes(parser_->get().body().text.size());
    if (shared_.held_bytes > shared_.max_held_bytes) {
      return refuse(503, "too many large requests at once");
    }
  }
  have_answered();
}

// One before a request: some clients end a body with it. False if its second half must come first.
bool HttpConnection::skip_empty_line() {
  const std::string_view there(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  if (parser_->got_some() || has_skipped_line_ || there.empty() || there.front() != '\r') {
    return true;
  }
  has_skipped_line_ = there.substr(0, 2) == "\r\n";
  buffer_.consume(has_skipped_line_ ? 2 : 0);
  return there.size() > 1;
}

// False if the reading of the body must wait.
bool HttpConnection::take_head() {
  const auto& message = parser_->get();
  head_ = request_of(message);
  is_head_request_ = head_->method == "HEAD";
  has_chunks_ = message.version() >= 11;
  keep_alive_ = message.keep_alive();
  // With another coding, nobody knows where the body ends.
  const std::string coding = lower(message[http::field::transfer_encoding]);
  if (!coding.empty() && coding != "chunked") {
    refuse(501, "the only transfer coding here is chunked");
    return false;
  }
  const bool is_asked = lower(message[http::field::expect]) == "100-continue";
  if (!is_asked || !has_chunks_ || parser_->is_done() || buffer_.size() > 0) {
    return true;
  }
  if (parser_->content_length().value_or(0) > shared_.max_body_bytes) {
    parser_->get().body().is_too_large = true;
    keep_alive_ = false;
    have_answered();
    return false;
  }
  write("HTTP/1.1 100 Continue\r\n\r\n", {}, &HttpConnection::go_on_reading);
  return false;
}

void HttpConnection::go_on_reading() {
  if (shared_.is_stopping) {
    return close();
  }
  state_ = State::reading;
  close_after(io_time);
  parse();
}

void HttpConnection::count_held_bytes(std::size_t held) {
  shared_.held_bytes += held - held_bytes_;
  held_bytes_ = held;
}

void HttpConnection::read_more() {
  const std::size_t room = buffer_.max_size() - buffer_.size();
  if (is_reading_) {
    return;
  }
  if (room == 0) {  // in a chunk's head or in trailers; a stream's client is no longer watched
    return state_ == State::reading ? refuse(431, "a line of the request is too long") : void();
  }
  is_reading_ = true;
  socket_.async_read_some(buffer_.prepare(room),
                          [self = shared_from_this()](const error_code& problem, std::size_t size) {
                            self->on_read(problem, size);
                          });
}

void HttpConnection::on_read(const error_code& problem, std::size_t size) {
  is_reading_ = false;
  buffer_.commit(size);
  quiet_since_ = Clock::now();
  const bool is_cancelled = problem == asio::error::operation_aborted;
  const bool is_watching = state_ == State::reading || state_ == State::waiting;
  if (problem && !is_cancelled && (is_watching || state_ == State::draining)) {
    return close();
  }
  if (state_ == State::reading) {
    if (size > 0 && (!parser_->got_some() || head_)) {
      close_after(io_time);
    }
    parse();
  } else if (state_ == State::waiting) {
    read_more();
  } else if (state_ == State::draining) {
    buffer_.clear();
    read_more();
  }
}

void HttpConnection::have_answered() {
  state_ = State::answering;
  timer_.cancel();
  auto& body = parser_->get().body();
  head_->body = std::move(body.text);
  head_->body_too_large = body.is_too_large;
  asio::post(*shared_.workers, [self = shared_from_this(), request = std::move(*head_)]() mutable {
    HttpResponse response = self->shared_.answer(request);
    request = {};
    asio::post(self->socket_.get_executor(), [self, response = std::move(response)]() mutable {
      self->send(std::move(response));
    });
  });
}

void HttpConnection::send(HttpResponse response) {
  count_held_bytes(0);
  if (state_ == State::closed) {
    return;
  }
  response_ = std::move(response);
  const bool is_stream = response_.next_piece != nullptr;
  const Framing framing = !is_stream    ? Framing::length
                          : has_chunks_ ? Framing::chunks
                                        : Framing::end_of_connection;
  keep_alive_ = keep_alive_ && !shared_.is_stopping && framing != Framing::end_of_connection;
  std::string head = head_of(response_, framing, keep_alive_);
  if (is_stream && !is_head_request_) {
    return write(std::move(head), {}, &HttpConnection::ask_for_piece);
  }
  write(std::move(head), is_head_request_ ? std::string{} : std::move(response_.body),
        &HttpConnection::end_answer);
}

void HttpConnection::refuse(int status, std::string_view reason) {
  parser_.reset();
  count_held_bytes(0);
  keep_alive_ = false;
  const HttpResponse response = refusal(status, reason);
  write(head_of(response, Framing::length, false), response.body, &HttpConnection::drain);
}

void HttpConnection::write(std::string head, std::string body, Next next) {
  state_ = State::writing;
  outgoing_head_ = std::move(head);
  outgoing_body_ = std::move(body);
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(outgoing_head_),
                                                  asio::buffer(outgoing_body_)};
  asio::async_write(
      socket_, buffers,
      [self = shared_from_this()](const error_code& problem, std::size_t) -> std::size_t {
        if (problem || self->state_ == State::closed) {
          return 0;
        }
        self->close_after(self->shared_.is_stopping ? stopping_time : io_time);
        return bytes_of_write;
      },
      [self = shared_from_this(), next](const error_code& problem, std::size_t) {
        if (problem) {
          self->close();
        } else if (self->state_ != State::closed) {
          (self.get()->*next)();
        }
      });
}

void HttpConnection::ask_for_piece() {
  if (shared_.is_stopping) {
    return close();
  }
  state_ = State::streaming;
  timer_.cancel();
  asio::post(*shared_.workers, [self = shared_from_this()] {
    std::optional<std::string> piece;
    bool is_broken = false;
    try {
      piece = self->response_.next_piece();
    } catch (const std::exception&) {
      is_broken = true;  // the missing end tells the client
    }
    asio::post(self->socket_.get_executor(), [self, is_broken, piece = std::move(piece)]() mutable {
      is_broken ? self->close() : self->on_piece(std::move(piece));
    });
  });
}

void HttpConnection::on_piece(std::optional<std::string> piece) {
  if (state_ == State::closed) {
    response_ = {};  // which `close` left to the worker
  } else if (!piece) {
    write(std::string(has_chunks_ ? last_chunk : ""), {}, &HttpConnection::end_answer);
  } else if (piece->empty()) {
    wait_for_piece();
  } else {
    write(has_chunks_ ? chunk_of(*piece) : std::move(*piece), {}, &HttpConnection::ask_for_piece);
  }
}

void HttpConnection::wait_for_piece() {
  state_ = State::waiting;
  read_more();  // which tells when the client has left
  if (state_ != State::waiting) {
    return;
  }
  response_.when_ready([weak = weak_from_this(), weak_io = shared_.io, wait = ++waits_] {
    const std::shared_ptr<asio::io_context> io = weak_io.lock();
    if (io == nullptr) {
      return;
    }
    asio::post(*io, [weak, wait] {
      const std::shared_ptr<HttpConnection> self = weak.lock();
      if (self != nullptr && self->state_ == State::waiting && self->waits_ == wait) {
        self->ask_for_piece();
      }
    });
  });
}

void HttpConnection::end_answer() {
  response_ = {};
  outgoing_body_ = {};
  if (keep_alive_) {
    return shared_.is_stopping ? close() : read_request();
  }
  drain();
}

void HttpConnection::drain() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (shared_.is_stopping) {
    return close();
  }
  state_ = State::draining;
  close_after(drain_time);
  if (!is_reading_) {
    buffer_.clear();
    read_more();
  }
}

void HttpConnection::finish() {
  if (state_ == State::reading) {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_receive, ignored);
    close_after(stopping_time);
  } else if (state_ == State::writing) {
    close_after(stopping_time);
  } else if (state_ != State::answering) {
    close();
  }
}

void HttpConnection::close() {
  if (state_ == State::closed) {
    return;
  }
  if (state_ != State::streaming) {
    response_ = {};
  }
  state_ = State::closed;
  count_held_bytes(0);
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  shared_.forget(*this);
}

void HttpConnection::close_after(milliseconds wait) {
  timer_.expires_after(wait);
  timer_.async_wait([self = shared_from_this()](const error_code& problem) {
    if (!problem && self->timer_.expiry() <= Clock::now()) {
      self->close();
    }
  });
}

}  // namespace langfuse_receiver
