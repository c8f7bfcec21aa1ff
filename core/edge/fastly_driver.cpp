// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edge/fastly_driver.h"

#include "core/host/whole_file.h"

#include <charconv>
#include <fmt/format.h>

namespace cm::edge {
namespace {

// Nobody waits longer, whatever a server says.
constexpr std::chrono::seconds longestWait{300};
constexpr std::chrono::seconds usualWait{10};

std::chrono::seconds waitOf(const http::ClientAnswer &answer)
{
    const std::string_view text = answer.header("Retry-After");
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0)
        return usualWait;
    return std::min(std::chrono::seconds(seconds), longestWait);
}

}  // namespace

Result<std::unique_ptr<PurgeDriver>> FastlyDriver::create(FastlySettings settings)
{
    CM_TRY_ASSIGN(const http::HttpUrl parsed, http::parseHttpUrl(settings.api));
    http::ClientOptions options = http::optionsFor(parsed);
    options.connectTimeout = std::chrono::seconds(5);
    options.totalTimeout = std::chrono::seconds(15);
    const std::string folder = parsed.target == "/" ? std::string() : parsed.target;
    std::string target = fmt::format("{}/service/{}/purge", folder, settings.service);
    return std::unique_ptr<PurgeDriver>(new FastlyDriver(std::move(settings), std::move(options), std::move(target)));
}

Result<std::string> FastlyDriver::token() const
{
    std::string token = m_settings.token;
    if (token.empty()) {
        CM_TRY_ASSIGN(token, host::readWhole(m_settings.tokenFile));
    }
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.pop_back();
    if (token.empty() || token.find_first_of("\r\n") != std::string::npos)
        return fail(ErrorCode::InvalidInput, "cdn.fastly_token_file holds no token: one line is expected");
    return token;
}

Result<void> FastlyDriver::purge(std::span<const std::string> keys, bool soft, const std::stop_token &stop)
{
    CM_TRY_ASSIGN(const std::string secret, token());
    http::ClientRequest request{"POST", m_target, {{"Fastly-Key", secret}, {"Accept", "application/json"}}, {}};
    request.headers.push_back({"Surrogate-Key", fmt::format("{}", fmt::join(keys, " "))});
    if (soft)
        request.headers.push_back({"Fastly-Soft-Purge", "1"});
    CM_TRY_ASSIGN(const http::ClientAnswer answer, m_client.send(request, stop));
    return verdictOn(answer);
}

Result<void> FastlyDriver::verdictOn(const http::ClientAnswer &answer) const
{
    if (answer.status == 200)
        return {};
    if (answer.status == 401 || answer.status == 403)
        return fail(Error{ErrorCode::Unauthorized,
                          fmt::format("Fastly refuses the token ({}): put one that may purge service {} into"
                                      " cdn.fastly_token_file", answer.status, m_settings.service),
                          {}, usualWait});
    if (answer.status == 404)
        return fail(Error{ErrorCode::NotFound, fmt::format("Fastly knows no service {}: correct cdn.fastly_service",
                                                           m_settings.service), {}, usualWait});
    if (answer.status == 429)
        return fail(Error{ErrorCode::RateLimited, "Fastly takes no more purges for a while; they wait", {}, waitOf(answer)});
    return fail(ErrorCode::Unavailable, fmt::format("Fastly answers a purge with {}; it is sent again", answer.status));
}

}  // namespace cm::edge
