// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/authority.h"

#include "core/host/whole_file.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

namespace cm::agent {
namespace {

template <class T, void (*release)(T *)>
struct Release {
    void operator()(T *object) const { release(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO, BIO_free_all>>;

constexpr std::chrono::days authorityDays{3650};
// Clocks of machines differ a little.
constexpr std::chrono::minutes backdated{10};
constexpr mode_t forOwner = 0600;
constexpr mode_t forAll = 0644;

tl::unexpected<Error> openSslFailed(std::string_view doing)
{
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    ERR_clear_error();
    return fail(ErrorCode::Internal, fmt::format("{}: {}", doing, text.data()));
}

std::filesystem::path certificateOf(const std::filesystem::path &folder)
{
    return folder / "authority.pem";
}

std::filesystem::path keyOf(const std::filesystem::path &folder)
{
    return folder / "authority.key";
}

Result<void> makeFolder(const std::filesystem::path &folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    return error ? fail(ErrorCode::Unavailable, fmt::format("{}: {}", folder.string(), error.message())) : Result<void>();
}

template <class Write>
std::string pemOf(Write write)
{
    const Memory memory(BIO_new(BIO_s_mem()));
    char *data = nullptr;
    if (!memory || write(memory.get()) != 1)
        return {};
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pemOf(EVP_PKEY *key)
{
    return pemOf([&](BIO *out) { return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string pemOf(X509 *certificate)
{
    return pemOf([&](BIO *out) { return PEM_write_bio_X509(out, certificate); });
}

bool setSerial(X509 *certificate)
{
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1)
        return false;
    // Positive, and of full length (RFC 5280 section 4.1.2.2).
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);
    const std::unique_ptr<BIGNUM, Release<BIGNUM, BN_free>> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool addName(X509_NAME *name, const char *field, const std::string &text)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char *>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
}

bool addExtension(X509 *certificate, X509 *issuer, int kind, const std::string &value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION, X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

struct Extension {
    int kind;
    std::string value;
};

// Everything but the signature's key: `issuer` null signs itself.
struct Draft {
    std::string unit;
    std::string name;
    std::vector<Extension> extensions;
    std::chrono::days days{};
    X509 *issuer = nullptr;
};

Result<Certificate> sign(const Draft &draft, EVP_PKEY *subject, EVP_PKEY *signer, Time now)
{
    Certificate made(X509_new());
    const auto seconds = [](Time time) { return std::chrono::system_clock::to_time_t(time); };
    bool good = made && X509_set_version(made.get(), X509_VERSION_3) == 1 && setSerial(made.get()) &&
                ASN1_TIME_set(X509_getm_notBefore(made.get()), seconds(now - backdated)) != nullptr &&
                ASN1_TIME_set(X509_getm_notAfter(made.get()), seconds(now + draft.days)) != nullptr &&
                X509_set_pubkey(made.get(), subject) == 1;
    if (!good)
        return openSslFailed("making a certificate");
    X509_NAME *name = X509_get_subject_name(made.get());
    X509 *issuer = draft.issuer ? draft.issuer : made.get();
    good = addName(name, "O", "Cheesemonger") && (draft.unit.empty() || addName(name, "OU", draft.unit)) &&
           addName(name, "CN", draft.name) && X509_set_issuer_name(made.get(), X509_get_subject_name(issuer)) == 1;
    for (const Extension &extension : draft.extensions)
        good = good && addExtension(made.get(), issuer, extension.kind, extension.value);
    if (!good || X509_sign(made.get(), signer, EVP_sha256()) == 0)
        return openSslFailed("making a certificate");
    return made;
}

struct Authority {
    Certificate certificate;
    Key key;
};

Result<Authority> readAuthority(const std::filesystem::path &folder)
{
    struct stat facts {};
    if (::stat(keyOf(folder).c_str(), &facts) != 0)
        return fail(ErrorCode::NotFound, fmt::format("{} holds no authority: create one first", folder.string()));
    if ((facts.st_mode & 077) != 0)
        return fail(ErrorCode::Forbidden, fmt::format("{} is open to others: chmod 600", keyOf(folder).string()));
    CM_TRY_ASSIGN(const std::string certificate, host::readWhole(certificateOf(folder)));
    CM_TRY_ASSIGN(const std::string key, host::readWhole(keyOf(folder)));
    const Memory certificateText(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
    const Memory keyText(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
    Authority authority{Certificate(PEM_read_bio_X509(certificateText.get(), nullptr, nullptr, nullptr)),
                        Key(PEM_read_bio_PrivateKey(keyText.get(), nullptr, nullptr, nullptr))};
    if (!authority.certificate || !authority.key ||
        X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1)
        return openSslFailed(fmt::format("{} holds no certificate and its key", folder.string()));
    return authority;
}

// What goes into a file's name, a subject and, of an agent, a DNS name.
Result<void> checkName(const std::string &name)
{
    const bool good = !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
                      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
                          std::string::npos;
    return good ? Result<void>()
                : fail(ErrorCode::InvalidInput, fmt::format("'{}' is no name: letters, digits, '.', '-', '_'", name));
}

Result<std::string> alternativeNames(const CertificateWish &wish)
{
    std::string list = "DNS:" + wish.name;
    for (const std::string &address : wish.addresses) {
        const std::unique_ptr<ASN1_OCTET_STRING, Release<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>> ip(
            a2i_IPADDRESS(address.c_str()));
        if (!ip)
            CM_TRY(checkName(address));
        list.append(ip ? ",IP:" : ",DNS:").append(address);
    }
    ERR_clear_error();
    return list;
}

std::string hexSerial(X509 *certificate)
{
    const std::unique_ptr<BIGNUM, Release<BIGNUM, BN_free>> number(
        ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), nullptr));
    char *hex = number ? BN_bn2hex(number.get()) : nullptr;
    std::string text = hex ? hex : "";
    OPENSSL_free(hex);
    return text;
}

}  // namespace

std::string_view unitOf(CertificateKind kind)
{
    switch (kind) {
    case CertificateKind::Agent: return "agent";
    case CertificateKind::Monitor: return "monitor";
    case CertificateKind::Observer: return "observer";
    }
    return {};
}

Result<void> createAuthority(const std::filesystem::path &folder, Time now)
{
    CM_TRY(makeFolder(folder));
    std::error_code ignored;
    if (std::filesystem::exists(keyOf(folder), ignored) || std::filesystem::exists(certificateOf(folder), ignored))
        return fail(ErrorCode::Conflict, fmt::format("{} holds an authority already; whatever it has issued would be "
                                                     "worth nothing without it", folder.string()));
    const Key key(EVP_EC_gen("P-256"));
    if (!key)
        return openSslFailed("making a key");
    Draft draft;
    draft.name = "Cheesemonger internal authority";
    draft.days = authorityDays;
    draft.extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                        {NID_key_usage, "critical,keyCertSign,cRLSign"},
                        {NID_subject_key_identifier, "hash"}};
    CM_TRY_ASSIGN(const Certificate certificate, sign(draft, key.get(), key.get(), now));
    CM_TRY(makeFolder(folder / "issued"));
    // The key first: a folder with a certificate alone would look like an authority.
    CM_TRY(host::writeWhole(keyOf(folder), pemOf(key.get()), forOwner));
    return host::writeWhole(certificateOf(folder), pemOf(certificate.get()), forAll);
}

Result<IssuedFiles> issueCertificate(const std::filesystem::path &folder, const CertificateWish &wish,
                                     const std::filesystem::path &out, Time now)
{
    CM_TRY(checkName(wish.name));
    if (wish.name == "authority")
        return fail(ErrorCode::InvalidInput, "'authority' is the name of the authority's own files");
    const bool serves = wish.kind == CertificateKind::Agent;
    if (!serves && !wish.addresses.empty())
        return fail(ErrorCode::InvalidInput, "addresses are for agents, which are connected to");
    CM_TRY_ASSIGN(const Authority authority, readAuthority(folder));
    CM_TRY_ASSIGN(const std::string names, alternativeNames(wish));
    const Key key(EVP_EC_gen("P-256"));
    if (!key)
        return openSslFailed("making a key");
    Draft draft;
    draft.unit = unitOf(wish.kind);
    draft.name = wish.name;
    draft.days = wish.days;
    draft.issuer = authority.certificate.get();
    draft.extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                        {NID_key_usage, "critical,digitalSignature"},
                        {NID_ext_key_usage, serves ? "critical,serverAuth" : "critical,clientAuth"},
                        {NID_subject_key_identifier, "hash"},
                        {NID_authority_key_identifier, "keyid:always"}};
    if (serves)
        draft.extensions.push_back({NID_subject_alt_name, names});
    CM_TRY_ASSIGN(const Certificate certificate, sign(draft, key.get(), authority.key.get(), now));
    const IssuedFiles files{out / (wish.name + ".pem"), out / (wish.name + ".key"), out / "authority.pem"};
    CM_TRY(makeFolder(folder / "issued"));
    CM_TRY(makeFolder(out));
    const std::string pem = pemOf(certificate.get());
    CM_TRY(host::writeWhole(folder / "issued" / (hexSerial(certificate.get()) + ".pem"), pem, forAll));
    CM_TRY(host::writeWhole(files.key, pemOf(key.get()), forOwner));
    CM_TRY(host::writeWhole(files.certificate, pem, forAll));
    CM_TRY(host::writeWhole(files.authority, pemOf(authority.certificate.get()), forAll));
    return files;
}

Result<std::vector<std::filesystem::path>> issuedCertificates(const std::filesystem::path &folder)
{
    std::error_code error;
    if (!std::filesystem::exists(certificateOf(folder), error))
        return fail(ErrorCode::NotFound, fmt::format("{} holds no authority", folder.string()));
    std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> found;
    for (const auto &entry : std::filesystem::directory_iterator(folder / "issued", error)) {
        if (entry.path().extension() == ".pem")
            found.emplace_back(entry.last_write_time(error), entry.path());
    }
    if (error)
        return fail(ErrorCode::Unavailable, fmt::format("{}: {}", folder.string(), error.message()));
    std::sort(found.begin(), found.end());
    std::vector<std::filesystem::path> files;
    for (auto &[time, file] : found)
        files.push_back(std::move(file));
    return files;
}

}  // namespace cm::agent
