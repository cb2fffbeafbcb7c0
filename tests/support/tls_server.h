// An HTTPS server on a loopback port that the system chooses, with a certificate that it signed
// itself for the host name `localhost`. Answers every request with `200 {}`.
#pragma once

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace langfuse_test {

class TlsServer {
 public:
  explicit TlsServer(long valid_seconds = 365L * 24 * 60 * 60)
      : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free),
        certificate_(self_signed(key_.get(), valid_seconds)),
        server_(certificate_.get(), key_.get()) {
    server_.Get(".*", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("{}", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    if (port_ < 0) throw std::runtime_error("no loopback port");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // A stop before the thread listens would be lost.
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TlsServer() {
    server_.stop();
    thread_.join();
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

  Key key_;
  Certificate certificate_;
  httplib::SSLServer server_;
  int port_ = -1;
  std::thread thread_;
};

}  // namespace langfuse_test
