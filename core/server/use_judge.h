// SPDX-License-Identifier: GPL-3.0-or-later
// One upload as a use of things that retire: what it is, as far as it has been read, whether it is told or refused, and
// how it is remembered. Made per request, the thread of that request.
#pragma once

#include "core/http/request_head.h"
#include "core/http/response.h"
#include "core/server/services.h"

#include <optional>
#include <string>
#include <string_view>

namespace cm::server {

class UseJudge {
public:
    UseJudge(const Services &services, const http::RequestHead &head) : m_services(services), m_head(head) {}

    // Who it is by now; nobody is known where there is no principal.
    void setCaller(const registry::Identification &who);
    void setEndpoint(std::string_view endpoint) { m_traits.endpoint = endpoint; }
    // A field of the form as it was sent; others than those that matter are passed over.
    void setField(std::string_view name, std::string_view sent);

    // The form has come as a whole: what is not in it is not sent at all.
    void completeForm();

    // By what is known so far, now. What was refused stays refused; what was let through is asked again by the next
    // call, since a brown-out may have begun.
    const std::optional<checks::Refusal> &judge();
    // For the transaction that stores the file.
    [[nodiscard]] catalog::UseRow acceptedRow() const;
    // Headers for what is on its way out, and what the transaction has not remembered goes to the recorder. Once.
    void settle(http::Response &response, bool remembered);

private:
    void rememberStranger(int status);
    [[nodiscard]] catalog::UseRow row(int status) const;

    const Services &m_services;
    const http::RequestHead &m_head;
    deprecation::Traits m_traits;
    std::optional<catalog::Id> m_userId;
    std::string m_credential;
    std::string m_clientClass;
    std::string m_project;
    deprecation::Judgement m_judgement;
    std::optional<checks::Refusal> m_refusal;
};

// The name and the version of the first product of a user agent (RFC 9110 10.1.5), the name in lower case.
[[nodiscard]] std::pair<std::string, std::string> productOf(std::string_view userAgent);
// The first product as it is remembered of somebody nobody knows: lower case, without a version; empty unless it is one of
// the clients whose names are known. Names and versions that anybody may think up would fill the store.
[[nodiscard]] std::string strangersClient(std::string_view userAgent);
// What the user agent says of itself, as the admin contract names classes of clients.
[[nodiscard]] std::string classOf(std::string_view userAgent);
// By what a caller has proved who it is, as uses are remembered.
[[nodiscard]] std::string authenticationOf(const registry::Principal &principal);
[[nodiscard]] std::string credentialOf(const registry::Principal &principal);
// What `notices` say, as headers of an answer.
void setNotices(http::Response &response, const deprecation::Judgement &judgement, bool overSsh);

}  // namespace cm::server
