// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/tls_context.h"

#include <array>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace cm::http {
namespace {

constexpr std::array<unsigned char, 9> protocol{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int chooseProtocol(SSL *, const unsigned char **out, unsigned char *outLength, const unsigned char *in,
                   unsigned int inLength, void *)
{
    unsigned char *selected = nullptr;
    if (SSL_select_next_proto(&selected, outLength, protocol.data(), protocol.size(), in, inLength) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

std::string lastError()
{
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> loadTlsContext(const std::string &certificateFile, const std::string &keyFile)
{
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context)
        return fail(ErrorCode::Internal, lastError());
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_alpn_select_cb(context.get(), chooseProtocol, nullptr);
    static constexpr std::array<unsigned char, 4> session{'c', 'h', 's', 'm'};
    SSL_CTX_set_session_id_context(context.get(), session.data(), session.size());
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificateFile.c_str()) != 1)
        return fail(ErrorCode::InvalidInput, fmt::format("certificate {}: {}", certificateFile, lastError()));
    if (SSL_CTX_use_PrivateKey_file(context.get(), keyFile.c_str(), SSL_FILETYPE_PEM) != 1)
        return fail(ErrorCode::InvalidInput, fmt::format("key {}: {}", keyFile, lastError()));
    if (SSL_CTX_check_private_key(context.get()) != 1)
        return fail(ErrorCode::InvalidInput, fmt::format("key {} does not belong to {}", keyFile, certificateFile));
    return context;
}

}  // namespace cm::http
