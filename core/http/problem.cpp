// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/problem.h"

#include "core/base/http_status.h"
#include "core/base/log.h"

#include <fmt/format.h>

namespace cm::http {
namespace {

void appendString(std::string &out, std::string_view text)
{
    out.push_back('"');
    appendJsonEscaped(out, text);
    out.push_back('"');
}

void appendMember(std::string &out, std::string_view name, std::string_view value)
{
    out.append(",\"").append(name).append("\":");
    appendString(out, value);
}

}  // namespace

std::string problemJson(const Error &error, int status, std::string_view instance)
{
    std::string json = fmt::format("{{\"type\":\"about:blank\",\"status\":{}", status);
    appendMember(json, "title", httpReason(status));
    appendMember(json, "code", errorCodeName(error.code));
    if (!error.detail.empty())
        appendMember(json, "detail", error.detail);
    if (!instance.empty())
        appendMember(json, "instance", instance);
    if (!error.fields.empty()) {
        json.append(",\"fields\":[");
        bool first = true;
        for (const FieldProblem &field : error.fields) {
            json.append(first ? "{\"field\":" : ",{\"field\":");
            appendString(json, field.field);
            json.append(",\"problem\":");
            appendString(json, field.problem);
            json.push_back('}');
            first = false;
        }
        json.push_back(']');
    }
    if (error.retryAfter.count() > 0)
        fmt::format_to(std::back_inserter(json), ",\"retryAfter\":{}", error.retryAfter.count());
    json.push_back('}');
    return json;
}

Response problem(const Error &error, std::string_view instance)
{
    return problem(error, httpStatusOf(error.code), instance);
}

Response problem(const Error &error, int status, std::string_view instance)
{
    Response response;
    response.status = status;
    response.reason = error.detail;
    response.set("Content-Type", "application/problem+json");
    response.set("Cache-Control", "no-store");
    if (error.retryAfter.count() > 0)
        response.set("Retry-After", fmt::format("{}", error.retryAfter.count()));
    response.body = problemJson(error, response.status, instance);
    return response;
}

}  // namespace cm::http
