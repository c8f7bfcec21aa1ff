// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/use_judge.h"

#include "core/api/client_class.h"
#include "core/metrics/user_agent.h"
#include "core/pypi/names.h"
#include "core/pypi/text.h"
#include "core/pypi/upload_form.h"

#include <fmt/format.h>

namespace cm::server {
namespace {

constexpr std::size_t mostBytes = 60;
constexpr std::string_view overSsh = "ssh upload";
constexpr std::string_view overHttps = "https upload";

// For a column: short, and readable ASCII alone, which every client's name is.
std::string columnText(std::string_view text)
{
    std::string out(text.substr(0, mostBytes));
    for (char &c : out) {
        if (c < 0x20 || c > 0x7e)
            c = '?';
    }
    return out;
}

// Readable ASCII alone, which every client's name is.
std::string columnBytes(std::string_view text)
{
    constexpr std::size_t longest = 1'000;
    std::string out(text.substr(0, longest));
    for (char &c : out) {
        if (c < 0x20 || c > 0x7e)
            c = '?';
    }
    return out;
}

}  // namespace

std::pair<std::string, std::string> productOf(std::string_view userAgent)
{
    const std::string_view product = userAgent.substr(0, userAgent.find_first_of(" \t("));
    const auto slash = product.find('/');
    return {pypi::lowered(columnText(product.substr(0, slash))),
            slash == std::string_view::npos ? std::string() : columnText(product.substr(slash + 1))};
}

std::string strangersClient(std::string_view userAgent)
{
    const std::string_view name = userAgent.substr(0, userAgent.find_first_of(" \t(/"));
    return classOf(name) == api::nameOf(api::ClientClass::Unknown) ? std::string() : productOf(name).first;
}

std::string authenticationOf(const registry::Principal &principal)
{
    if (principal.local)
        return "local";
    if (principal.sshKeyId)
        return "ssh-key";
    if (principal.byPassword)
        return "password";
    return principal.scoped ? "token" : "unscoped-token";
}

std::string credentialOf(const registry::Principal &principal)
{
    if (principal.sshKeyId)
        return fmt::format("key {}", *principal.sshKeyId);
    if (principal.tokenId)
        return fmt::format("token {}", *principal.tokenId);
    return principal.byPassword ? "password" : std::string();
}

std::string classOf(std::string_view userAgent)
{
    return std::string(api::nameOf(metrics::readUserAgent(columnBytes(userAgent), metrics::Mode::Strict).clientClass));
}

void UseJudge::setCaller(const registry::Identification &who)
{
    m_traits.channel = who.overSsh ? overSsh : overHttps;
    m_clientClass = classOf(m_head.header("User-Agent"));
    std::tie(m_traits.client, m_traits.clientVersion) = productOf(m_head.header("User-Agent"));
    if (!who.principal)
        return;
    m_userId = who.principal->userId;
    m_traits.authentication = authenticationOf(*who.principal);
    m_credential = credentialOf(*who.principal);
}

void UseJudge::setField(std::string_view name, std::string_view sent)
{
    // As the form is read when the file is stored: without blanks around it, and of several the first that says
    // something. Two readings of one form would let through what is refused.
    const std::string value = name == "name" ? std::string(pypi::stripped(sent)) : pypi::cleanFormValue(sent);
    if (value.empty())
        return;
    if (name == "name" && m_project.empty())
        m_project = pypi::isValidName(value) ? pypi::normalizeName(value) : std::string();
    else if (name == "filetype" && m_traits.fileType.empty())
        m_traits.fileType = columnText(value);
    else if (name == "metadata_version" && m_traits.metadataVersion.empty())
        m_traits.metadataVersion = columnText(value);
    else if (name == "blake2_256_digest")
        m_traits.digest = "blake2";
    else if (name == "sha256_digest" && m_traits.digest != "blake2")
        m_traits.digest = "sha256";
    else if (name == "md5_digest" && m_traits.digest.empty())
        m_traits.digest = "md5";
}

void UseJudge::completeForm()
{
    if (m_traits.digest.empty())
        m_traits.digest = "none";
}

const std::optional<checks::Refusal> &UseJudge::judge()
{
    if (m_refusal)
        return m_refusal;
    m_judgement = deprecation::judge(*m_services.enforcement.policy(), m_traits, m_userId, m_services.clock.now());
    if (m_judgement.refusal)
        m_refusal = checks::refuse(m_judgement.refusal->status, m_judgement.refusal->text);
    return m_refusal;
}

catalog::UseRow UseJudge::row(int status) const
{
    catalog::UseRow row;
    row.time = m_services.clock.now();
    row.channel = m_traits.channel;
    row.endpoint = m_traits.endpoint;
    row.authentication = m_traits.authentication;
    row.client = m_traits.client;
    row.clientVersion = m_traits.clientVersion;
    row.userId = m_userId;
    row.credential = m_credential;
    row.project = m_project;
    row.fileType = m_traits.fileType;
    row.metadataVersion = m_traits.metadataVersion;
    row.digest = m_traits.digest;
    row.status = status;
    row.clientClass = m_clientClass;
    if (m_judgement.refusal) {
        row.refusedBy = m_judgement.refusal->entry;
        row.brownOut = m_judgement.refusal->window;
    }
    row.noticed = !m_judgement.notices.empty();
    return row;
}

catalog::UseRow UseJudge::acceptedRow() const
{
    return row(200);
}

void UseJudge::settle(http::Response &response, bool remembered)
{
    setNotices(response, m_judgement, m_traits.channel == overSsh);
    const bool accepted = response.status >= 200 && response.status < 300;
    const bool refusedForIt = m_refusal && response.status == m_refusal->status;
    // Refused for something else, or failed: it was no use of anything.
    if (!remembered && (refusedForIt || (accepted && m_userId)))
        m_services.uses.add(row(response.status));
    else if (!m_userId)
        rememberStranger(response.status);
}

// Whoever is nobody is refused for that. It is a use all the same where somebody would have been refused as one: old
// clients go on knocking long after their credentials have ended. No brown-out's number of refusals counts it.
void UseJudge::rememberStranger(int status)
{
    if (m_traits.channel.empty())
        return;
    m_judgement = deprecation::judge(*m_services.enforcement.policy(), m_traits, std::nullopt, m_services.clock.now());
    if (!m_judgement.refusal)
        return;
    m_judgement.refusal->window.reset();
    catalog::UseRow use = row(status);
    // Of what strangers say of themselves there is no end.
    for (std::string *told : {&use.client, &use.clientVersion, &use.project, &use.fileType, &use.metadataVersion, &use.digest})
        told->clear();
    m_services.uses.add(std::move(use));
}

void setNotices(http::Response &response, const deprecation::Judgement &judgement, bool ssh)
{
    const deprecation::Headers headers = deprecation::headersOf(judgement.notices);
    if (!headers.deprecation.empty())
        response.set("Deprecation", headers.deprecation);
    if (!headers.sunset.empty())
        response.set("Sunset", headers.sunset);
    if (!headers.link.empty())
        response.set("Link", headers.link);
    if (!ssh)
        return;
    // Where there are no headers to be seen, the gateway writes this to the terminal.
    std::string text = judgement.refusal ? judgement.refusal->text : std::string();
    for (const deprecation::Notice &notice : judgement.notices) {
        if (!judgement.refusal)
            text += (text.empty() ? "" : " | ") + notice.text;
    }
    if (!text.empty())
        response.set("Cheesemonger-Notice", checks::asciiLine(text));
}

}  // namespace cm::server
