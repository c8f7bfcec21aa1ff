// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/ssh_site.h"

#include "core/admin/routing.h"
#include "core/http/problem.h"
#include "core/server/caller.h"
#include "core/ssh/trust/key_list.h"

#include <fmt/format.h>

namespace cm::server {
namespace {

constexpr std::string_view keysPath = "/ssh/keys";
constexpr std::string_view readyPath = "/ssh/ready";
constexpr std::string_view statusPath = "/ssh/status";

http::Response told(const Error &error, const http::RequestHead &head)
{
    http::Response answer = http::problem(error, head.requestId());
    answer.set("Cache-Control", "no-store");
    return answer;
}

ssh::KnownKey known(catalog::SshKeyRow row)
{
    return {row.id, std::move(row.type), std::move(row.data), row.expires};
}

}  // namespace

http::Dispatch SshSite::dispatch(const http::RequestHead &head)
{
    const std::string_view path = head.path();
    if (!m_services.access.sshSecret() || (path != keysPath && path != readyPath && path != statusPath))
        return http::Response::text(404, "404 Not Found\n");
    if (head.method() != http::Method::Get) {
        http::Response wrong = http::Response::refusal(405, "This address is for reading");
        wrong.set("Allow", "GET");
        return wrong;
    }
    if (!admin::maySendCredentials(head))
        return told({ErrorCode::Forbidden, "credentials are not accepted over plain HTTP from another machine", {}, {}}, head);
    return http::Deferred{&m_services.pages, 1024, [this](const http::RequestHead &again, std::string) { return http::Reply(answer(again)); }, {}};
}

http::Response SshSite::answer(const http::RequestHead &head)
{
    if (head.path() == statusPath)
        return status(head);
    const ssh::Secret &secret = *m_services.access.sshSecret();
    const auto question = ssh::questionOf(head.header("Authorization"), secret, m_services.clock.now());
    if (!question)
        return told(question.error(), head);
    // What is signed for one address is no question at another.
    const bool readiness = question->about == ssh::Question::About::Ready;
    if (readiness != (head.path() == readyPath))
        return told({ErrorCode::Unauthorized, "this is another question", {}, {}}, head);
    return readiness ? ready() : keys(*question, secret);
}

http::Response SshSite::keys(const ssh::Question &question, const ssh::Secret &secret)
{
    ssh::KeyAnswer answer{question.nonce, {}, {}};
    // Before the rows are read, so that what is told is never newer than it says.
    answer.at = m_services.clock.now();
    Result<void> asked;
    if (question.about == ssh::Question::About::Key) {
        auto found = m_services.sshKeys.liveWithFingerprint(question.fingerprint);
        if (!found)
            asked = fail(found.error());
        else if (*found)
            answer.keys.push_back(known(std::move(**found)));
    } else {
        auto live = m_services.sshKeys.live();
        if (!live)
            asked = fail(live.error());
        else
            for (catalog::SshKeyRow &row : *live)
                answer.keys.push_back(known(std::move(row)));
    }
    http::Response response = asked ? http::Response::text(200, ssh::textOf(answer, secret))
                                    : http::Response::refusal(503, "The catalog does not answer: " + asked.error().detail);
    response.set("Cache-Control", "no-store");
    return response;
}

Result<void> SshSite::wouldTake()
{
    if (const auto drain = m_drain.at(m_services.clock.now()))
        return fail(ErrorCode::Unavailable, "this node is drained");
    if (const StoreFigures store = m_services.storeFigures(); !store.writable)
        return fail(ErrorCode::Unavailable, "the files cannot be written: " + store.problem);
    return m_services.sshKeys.reachable();
}

http::Response SshSite::ready()
{
    const auto taken = wouldTake();
    http::Response response = taken ? http::Response::text(200, "ready\n")
                                    : http::Response::refusal(503, "Nothing would be stored here: " + taken.error().detail);
    response.set("Cache-Control", "no-store");
    return response;
}

// The whole way that an upload has, but for the upload: the key, the person, and whether this node would store something.
http::Response SshSite::status(const http::RequestHead &head)
{
    const registry::Origin origin{"ssh upload", std::string(head.requestId()), std::string(head.remoteAddress())};
    const auto who = m_services.access.identify(credentialsOf(head), origin);
    if (!who)
        return http::Response::refusal(503, "The catalog does not answer: " + who.error().detail);
    if (!who->principal || !who->principal->stated || who->principal->stated->action != "status")
        return refusalFor(head, 403, "Invalid ssh key: " + (who->tokenProblem.empty() ? std::string("none was named") : who->tokenProblem));
    if (const auto taken = wouldTake(); !taken)
        return http::Response::refusal(503, "Nothing would be stored here: " + taken.error().detail);
    const auto summary = m_services.browser.summary();
    if (!summary)
        return http::Response::refusal(503, "The catalog does not answer: " + summary.error().detail);
    std::string text = fmt::format("Uploads over ssh to {} are open for {}", m_services.settings.name, who->principal->name);
    if (summary->readOnly)
        text = fmt::format("Uploads over ssh to {} wait: it is read-only until {}", m_services.settings.name, formatRfc3339(summary->readOnly->until));
    http::Response response = http::Response::text(200, text + "\n");
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace cm::server
