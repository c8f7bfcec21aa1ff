// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/agent_client.h"

#include "core/base/http_status.h"
#include "core/http/client/http_client.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr std::size_t mostBytes = 4U << 20;

// The problem document of a refusal (RFC 9457), as problemJson() of core/http writes it.
struct ProblemField {
    std::string field;
    std::string problem;
    BOOST_DESCRIBE_CLASS(ProblemField, (), (field, problem), (), ())
};
struct ProblemDocument {
    std::string code;
    std::string detail;
    std::vector<ProblemField> fields;
    BOOST_DESCRIBE_CLASS(ProblemDocument, (), (code, detail, fields), (), ())
};

Error errorOf(const http::ClientAnswer &answer)
{
    const auto told = api::fromJsonText<ProblemDocument>(answer.body);
    if (!told || told->code.empty())
        return {errorCodeOfHttpStatus(answer.status), fmt::format("the agent answers {}", answer.status), {}, {}};
    Error error{errorCodeFromString(told->code), told->detail, {}, {}};
    for (const ProblemField &field : told->fields)
        error.fields.push_back({field.field, field.problem});
    return error;
}

}  // namespace

Result<std::string> AgentClient::ask(const api::BoundRequest &request, const ProbeTime &time)
{
    http::ClientOptions options;
    options.host = m_target.host;
    options.port = m_target.port;
    options.tls = options.verify = true;
    options.serverName = m_target.name;
    options.caFile = m_target.caFile;
    options.certFile = m_target.certFile;
    options.keyFile = m_target.keyFile;
    options.resend = false;
    options.connectTimeout = options.totalTimeout = std::max(time.left(), std::chrono::milliseconds(1));
    options.deadline = time.deadline;
    options.maxBody = mostBytes;
    http::HttpClient client(options);
    http::ClientRequest sent{std::string(api::nameOf(request.method)), request.target, {}, request.body};
    if (!request.body.empty())
        sent.headers.push_back({"Content-Type", "application/json"});
    // By itself, for what fails here has told nobody anything.
    CM_TRY(client.connect(time.stop));
    auto answer = client.send(sent, time.stop);
    if (!answer && answer.error().code == ErrorCode::Unavailable && request.method != api::Method::Get)
        answer.error().code = ErrorCode::Timeout;
    if (!answer)
        return fail(std::move(answer.error()));
    if (answer->status != 200)
        return fail(errorOf(*answer));
    return std::move(answer->body);
}

Result<api::AgentState> AgentClient::state(const ProbeTime &time)
{
    CM_TRY_ASSIGN(const std::string answer, ask(api::bindRequest(api::endpoints::agent::state, {}), time));
    return api::fromJsonText<api::AgentState>(answer);
}

}  // namespace cm::monitor
