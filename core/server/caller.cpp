// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/caller.h"

#include "core/base/http_status.h"
#include "core/http/credentials.h"
#include "core/http/problem.h"
#include "core/ssh/trust/statement.h"

namespace cm::server {

registry::Credentials credentialsOf(const http::RequestHead &head)
{
    using Kind = registry::Credentials::Kind;
    if (const std::string_view header = head.header("Authorization"); ssh::isSshHeader(header))
        return {Kind::Ssh, {}, std::string(header)};
    auto sent = http::parseAuthorization(head.header("Authorization"));
    if (!sent)
        return {};
    const Kind kind = sent->scheme == http::CredentialScheme::Basic ? Kind::Basic : Kind::Bearer;
    return {kind, std::move(sent->user), std::move(sent->secret)};
}

http::Response refusalFor(const http::RequestHead &head, int status, std::string_view text)
{
    const std::string_view accept = head.header("Accept");
    const bool json = accept.find("application/problem+json") != std::string_view::npos ||
                      accept.find("application/json") != std::string_view::npos;
    if (!json)
        return http::Response::refusal(status, text);
    http::Response answer;
    answer.status = status;
    answer.reason = std::string(text);
    answer.set("Content-Type", "application/problem+json");
    answer.body =
        http::problemJson({errorCodeOfHttpStatus(status), std::string(text), {}, {}}, status, head.requestId());
    return answer;
}

}  // namespace cm::server
