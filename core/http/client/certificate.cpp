// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/client/certificate.h"

#include "core/base/hash.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <memory>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace cm::http {
namespace {

using Owned = std::unique_ptr<X509, decltype(&X509_free)>;

std::string nameText(const X509_NAME *name)
{
    std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), BIO_free);
    X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char *data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Time timeOf(const ASN1_TIME *time)
{
    std::tm broken{};
    if (ASN1_TIME_to_tm(time, &broken) != 1)
        return {};
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::from_time_t(::timegm(&broken)));
}

std::string serialText(X509 &certificate)
{
    std::unique_ptr<BIGNUM, decltype(&BN_free)> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr),
                                                       BN_free);
    std::string text;
    if (char *hex = number ? BN_bn2hex(number.get()) : nullptr) {
        text = hex;
        OPENSSL_free(hex);
    }
    for (char &c : text)
        c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

std::vector<std::string> alternativeNames(X509 &certificate)
{
    std::vector<std::string> names;
    auto *list = static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);
        if (name->type == GEN_DNS) {
            names.emplace_back(reinterpret_cast<const char *>(ASN1_STRING_get0_data(name->d.dNSName)),
                               static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
            const unsigned char *bytes = ASN1_STRING_get0_data(name->d.iPAddress);
            names.push_back(fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]));
        }
    }
    GENERAL_NAMES_free(list);
    return names;
}

std::string fingerprintOf(X509 &certificate)
{
    unsigned char *der = nullptr;
    const int size = i2d_X509(&certificate, &der);
    if (size <= 0)
        return {};
    const std::string digest =
        hashHex(HashKind::Sha256, std::string_view(reinterpret_cast<const char *>(der), static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return digest;
}

}  // namespace

Certificate describeCertificate(X509 &certificate)
{
    Certificate out;
    out.serial = serialText(certificate);
    out.subject = nameText(X509_get_subject_name(&certificate));
    out.issuer = nameText(X509_get_issuer_name(&certificate));
    out.names = alternativeNames(certificate);
    out.notBefore = timeOf(X509_get0_notBefore(&certificate));
    out.notAfter = timeOf(X509_get0_notAfter(&certificate));
    out.fingerprint = fingerprintOf(certificate);
    return out;
}

Result<Certificate> readCertificate(const std::string &file)
{
    std::unique_ptr<std::FILE, decltype(&std::fclose)> stream(std::fopen(file.c_str(), "re"), std::fclose);
    if (!stream)
        return fail(errno == ENOENT   ? ErrorCode::NotFound
                    : errno == EACCES ? ErrorCode::Forbidden
                                      : ErrorCode::Unavailable,
                    fmt::format("{}: {}", file, std::strerror(errno)));
    const Owned certificate(PEM_read_X509(stream.get(), nullptr, nullptr, nullptr), X509_free);
    ERR_clear_error();
    if (!certificate)
        return fail(ErrorCode::InvalidInput, file + " holds no certificate in PEM");
    return describeCertificate(*certificate);
}

}  // namespace cm::http
