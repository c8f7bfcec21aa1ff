// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: sessions, users, tokens, journal, audit.
#include "core/server/admin_handlers.h"
#include "core/server/convert.h"

namespace cm::server {
namespace {

Result<api::Who> whoIs(const AdminCall &call, const registry::Principal &principal)
{
    CM_TRY_ASSIGN(const std::int64_t projects, call.services.people.projectCount(principal));
    return api::Who{principal.name, toApi(principal.role), projects, principal.local};
}

}  // namespace

CM_ANSWER(signIn)
{
    CM_TRY_ASSIGN(const registry::Session made,
                  call.services.people.signIn(request.name, request.password, call.origin));
    CM_TRY_ASSIGN(const api::Who who, whoIs(call, made.principal));
    return api::Session{made.secret, made.expires, who};
}

CM_ANSWER(signOut)
{
    CM_TRY(call.services.people.signOut(call.by));
    return api::Nothing{};
}

CM_ANSWER(whoAmI)
{
    return whoIs(call, call.by);
}

CM_ANSWER(listUsers)
{
    catalog::UserQuery query;
    query.name = request.user;
    query.search = request.query;
    if (request.role)
        query.role = fromApi(*request.role);
    query.active = request.active;
    query.sort = fromApi(request.sort);
    query.descending = request.descending;
    query.offset = windowOffset(request.offset);
    query.limit = windowLimit(request.limit);
    CM_TRY_ASSIGN(const registry::PersonPage found, call.services.people.users(call.by, query));
    api::Page<api::User> page;
    page.total = found.total;
    page.offset = query.offset;
    for (const registry::Person &person : found.people)
        page.items.push_back(toApi(person));
    return page;
}

CM_ANSWER(createUser)
{
    return toApi(call.services.people.createUser(
        call.by, {request.name, request.email, fromApi(request.role), request.password}));
}

CM_ANSWER(setUserRole)
{
    return toApi(call.services.people.setUserRole(call.by, request.user, fromApi(request.role), request.reason));
}

CM_ANSWER(setUserActive)
{
    return toApi(call.services.people.setUserActive(call.by, request.user, request.active, request.reason));
}

CM_ANSWER(setUserEmail)
{
    return toApi(call.services.people.setUserEmail(call.by, request.user, request.email, request.reason));
}

CM_ANSWER(listUserProjects)
{
    const std::int64_t offset = windowOffset(request.offset);
    CM_TRY_ASSIGN(const registry::MembershipPage found,
                  call.services.people.projects(call.by, request.user, offset, windowLimit(request.limit)));
    api::Page<api::UserProject> page;
    page.total = found.total;
    page.offset = offset;
    for (const catalog::MemberRow &row : found.memberships)
        page.items.push_back({row.projectName, toApi(row.role), row.since});
    return page;
}

CM_ANSWER(listTokens)
{
    std::string owner;
    CM_TRY_ASSIGN(const std::vector<catalog::TokenRow> rows,
                  call.services.people.tokens(call.by, request.user, &owner));
    api::Page<api::Token> page;
    page.total = static_cast<std::int64_t>(rows.size());
    for (const catalog::TokenRow &row : rows)
        page.items.push_back(toApi(row, owner));
    return page;
}

CM_ANSWER(createToken)
{
    CM_TRY_ASSIGN(
        const registry::IssuedToken made,
        call.services.people.createToken(call.by, {request.description, request.projects, request.expiresDays}));
    return api::NewToken{made.secret, toApi(made.token, call.by.name)};
}

CM_ANSWER(revokeToken)
{
    return toApi(call.services.people.revokeToken(call.by, request.token.value));
}

CM_ANSWER(listJournal)
{
    const std::int64_t offset = windowOffset(request.offset);
    CM_TRY_ASSIGN(const registry::JournalPage found,
                  call.services.browser.journal(request.project, request.since, offset, windowLimit(request.limit)));
    api::Page<api::JournalEntry> page;
    page.total = found.total;
    page.offset = offset;
    page.serial = found.serial;
    for (const catalog::JournalRow &row : found.rows)
        page.items.push_back(toApi(row));
    return page;
}

CM_ANSWER(listAudit)
{
    catalog::AuditQuery query;
    query.actor = request.actor;
    query.subjectPart = request.subject;
    query.actionPrefix = request.action;
    query.from = request.from;
    query.until = request.until;
    query.offset = windowOffset(request.offset);
    query.limit = windowLimit(request.limit);
    CM_TRY_ASSIGN(const catalog::AuditPage found, call.services.browser.audit(call.by, query));
    api::Page<api::AuditEntry> page;
    page.total = found.total;
    page.offset = query.offset;
    for (const catalog::AuditRow &row : found.rows)
        page.items.push_back(toApi(row));
    return page;
}

CM_ANSWER(verifyAudit)
{
    CM_TRY_ASSIGN(const registry::AuditProof proof, call.services.browser.verifyAudit(call.by));
    api::AuditProof out{proof.intact, proof.lines, std::nullopt};
    if (proof.firstBroken)
        out.firstBroken = api::Id{*proof.firstBroken};
    return out;
}

}  // namespace cm::server
