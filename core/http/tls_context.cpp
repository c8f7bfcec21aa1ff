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

Result<void> requireClients(SSL_CTX *context, const std::string &authorities)
{
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(authorities.c_str());
    if (names == nullptr || SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return fail(ErrorCode::InvalidInput, fmt::format("certificates {}: {}", authorities, lastError()));
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // A resumed session would be believed without another look at the certificate, which may have ended since.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    return {};
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> loadTlsContext(const std::string &certificateFile, const std::string &keyFile,
                                                const std::string &clientCaFile)
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
    if (!clientCaFile.empty())
        CM_TRY(requireClients(context.get(), clientCaFile));
    return context;
}

}  // namespace cm::http
