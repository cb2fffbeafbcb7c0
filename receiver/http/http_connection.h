// One connection of the HTTP server: reads a request, has it answered, writes the answer, and goes
// on with the next request, which may have come meanwhile. Used by `http_server.cpp` only; the two
// are the only files that know Boost's sockets.
//
// Thread safety: everything here happens on the server's one I/O thread; only handlers and streams
// run on the workers.

#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "receiver/http/http_message.h"

namespace langfuse_receiver {

class HttpConnection;

// What all connections of a server share; it outlives them.
struct HttpShared {
  std::function<HttpResponse(const HttpRequest&)> answer;  // never throws; called by workers
  std::size_t max_body_bytes = 0;
  std::size_t max_held_bytes = 0;  // bodies of all requests that are not answered yet
  // Told once by each connection when it is closed.
  std::function<void(HttpConnection&)> forget;

  boost::asio::thread_pool* workers = nullptr;
  std::weak_ptr<boost::asio::io_context> io;
  std::size_t held_bytes = 0;
  bool is_stopping = false;
};

// A body that is read to its end and kept up to a limit.
struct LimitedBody {
  struct value_type {
    std::string text;
    std::size_t limit = 0;
    bool is_too_large = false;
  };

  class reader {
   public:
    template <bool isRequest, typename Fields>
    reader(boost::beast::http::header<isRequest, Fields>& /*head*/, value_type& body)
        : body_(body) {}

    void init(const boost::optional<std::uint64_t>& /*length*/,
              boost::system::error_code& problem) {
      problem = {};
    }

    template <typename Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& problem) {
      problem = {};
      const std::size_t size = boost::asio::buffer_size(buffers);
      body_.is_too_large = body_.is_too_large || size > body_.limit - body_.text.size();
      if (body_.is_too_large) {
        body_.text = {};
        return size;
      }
      for (auto part = boost::asio::buffer_sequence_begin(buffers);
           part != boost::asio::buffer_sequence_end(buffers); ++part) {
        const boost::asio::const_buffer bytes(*part);
        body_.text.append(static_cast<const char*>(bytes.data()), bytes.size());
      }
      return size;
    }

    void finish(boost::system::error_code& problem) { problem = {}; }

   private:
    value_type& body_;
  };
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Clock = std::chrono::steady_clock;

  HttpConnection(boost::asio::ip::tcp::socket socket, HttpShared& shared);

  void read_request();

  // Answers by itself, whatever the state of the request, and closes the connection.
  void refuse(int status, std::string_view reason);

  // The server stops: what has arrived is still answered.
  void finish();

  void close();

  // It waits for its client, which has sent nothing since `quiet_since`.
  bool is_reading() const { return state_ == State::reading; }
  Clock::time_point quiet_since() const { return quiet_since_; }

 private:
  enum class State {
    reading,    // a request, or waits for one
    answering,  // a worker has the request
    writing,    // an answer, or a part of it
    streaming,  // a worker has been asked for the next piece
    waiting,    // the stream has nothing yet
    draining,   // all is said; what the client still sends is thrown away
    closed,
  };
  using Next = void (HttpConnection::*)();

  void parse();
  bool skip_empty_line();
  bool take_head();
  void go_on_reading();
  void count_held_bytes(std::size_t held);
  void read_more();
  void on_read(const boost::system::error_code& problem, std::size_t size);
  void have_answered();
  void send(HttpResponse response);
  void write(std::string head, std::string body, Next next);
  void ask_for_piece();
  void on_piece(std::optional<std::string> piece);
  void wait_for_piece();
  void end_answer();
  void drain();
  void close_after(std::chrono::milliseconds wait);

  boost::asio::ip::tcp::socket socket_;
  HttpShared& shared_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  bool is_reading_ = false;  // into `buffer_`, which is left alone meanwhile
  State state_ = State::reading;
  Clock::time_point quiet_since_ = Clock::now();

  // The request.
  std::optional<boost::beast::http::request_parser<LimitedBody>> parser_;
  std::optional<HttpRequest> head_;  // once it is there
  std::size_t held_bytes_ = 0;       // this connection's part of the shared number
  bool has_skipped_line_ = false;
  bool is_head_request_ = false;
  bool has_chunks_ = false;  // the client knows them
  bool keep_alive_ = false;

  // The answer.
  HttpResponse response_;
  std::string outgoing_head_;
  std::string outgoing_body_;
  std::size_t waits_ = 0;  // counted, to tell a late call for an earlier one
};

}  // namespace langfuse_receiver
