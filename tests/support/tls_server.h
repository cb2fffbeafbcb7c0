// An HTTPS server on a loopback port that the system chooses, with a certificate that it signed
// itself for the host name `localhost`. Answers every request with `200 {}`.
#pragma once

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace langfuse_test {

class TlsServer {
 public:
  explicit TlsServer(long valid_seconds = 365L * 24 * 60 * 60)
      : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free),
        certificate_(self_signed(key_.get(), valid_seconds)),
        context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
      throw std::runtime_error("no loopback port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() {
    ::shutdown(listener_, SHUT_RDWR);  // which ends the waiting for a connection
    thread_.join();
    ::close(listener_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_);
  }

  // The certificate, for who wants to trust it.
  void write_certificate(const std::string& file) const {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "w"),
                                                              &std::fclose);
    if (out == nullptr || PEM_write_X509(out.get(), certificate_.get()) != 1) {
      throw std::runtime_error("cannot write " + file);
    }
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
  using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

  static Certificate self_signed(EVP_PKEY* key, long valid_seconds) {
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24L * 60 * 60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_seconds);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> hosts(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost"),
        &X509_EXTENSION_free);
    X509_add_ext(certificate.get(), hosts.get(), -1);
    if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) {
      throw std::runtime_error("cannot sign");
    }
    return certificate;
  }

  void serve() {
    // OpenSSL writes to a client that is gone as to any other.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    std::vector<int> sockets;
    std::vector<std::thread> connections;
    for (int socket = -1; (socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      sockets.push_back(socket);
      connections.emplace_back([this, socket] {
        const std::unique_ptr<SSL, void (*)(SSL*)> connection(SSL_new(context_.get()), &SSL_free);
        SSL_set_fd(connection.get(), socket);
        if (SSL_accept(connection.get()) == 1) {
          answer(*connection);
        }
        ::shutdown(socket, SHUT_RDWR);
      });
    }
    for (const int socket : sockets) ::shutdown(socket, SHUT_RDWR);
    for (std::thread& connection : connections) connection.join();
    for (const int socket : sockets) ::close(socket);
  }

  // REQUIRES: a request without a body, or with one that is in the same record as the end of the
  // head, or is of no interest.
  static void answer(SSL& connection) {
    constexpr std::string_view reply =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        "Connection: close\r\n\r\n{}";
    std::string request;
    std::array<char, 4096> buffer{};
    while (request.find("\r\n\r\n") == std::string::npos) {
      const int count = SSL_read(&connection, buffer.data(), static_cast<int>(buffer.size()));
      if (count <= 0) {
        return;
      }
      request.append(buffer.data(), static_cast<std::size_t>(count));
    }
    SSL_write(&connection, reply.data(), static_cast<int>(reply.size()));
    SSL_shutdown(&connection);
  }

  Key key_;
  Certificate certificate_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  int listener_;
  int port_ = -1;
  std::thread thread_;
};

}  // namespace langfuse_test
