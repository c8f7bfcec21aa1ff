// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: what is on its way out.
#include "core/registry/moderation.h"
#include "core/server/admin_handlers.h"
#include "core/server/convert.h"
#include "core/server/deprecation_convert.h"
#include "core/server/deprecation_texts.h"
#include "core/server/own_texts.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::server {
namespace {

// Each takes a server of mails some seconds, and the thread is one of few: whoever has more sends them in turns, and sees
// how far it is.
constexpr std::size_t mostAtOnce = 20;
constexpr std::size_t longestSubject = 200;
constexpr std::size_t longestText = 20'000;

template <class Request>
registry::WishedStep stepOf(const Request &request)
{
    return {fromApi(request.to), request.starts, request.ends, request.onCall, request.abortAt, request.overrideGuards};
}

Result<void> checkMessages(const std::vector<api::DeprecationMessage> &messages)
{
    if (messages.empty() || messages.size() > mostAtOnce)
        return fail(Error{ErrorCode::InvalidInput, fmt::format("messages: 1 to {} at a time", mostAtOnce),
                          {{"messages", fmt::format("1 to {} at a time", mostAtOnce)}}, {}});
    for (const api::DeprecationMessage &message : messages) {
        if (message.subject.empty() || message.subject.size() > longestSubject || message.text.empty() || message.text.size() > longestText)
            return fail(Error{ErrorCode::InvalidInput, "messages: a subject and a text of usual length are needed",
                              {{"messages", "a subject and a text of usual length are needed"}}, {}});
    }
    return {};
}

// Each of them uses it, and gets one message.
Result<void> checkReceivers(const std::vector<api::DeprecationMessage> &messages, const registry::UseEvidence &evidence)
{
    std::set<std::string_view> seen;
    for (const api::DeprecationMessage &message : messages) {
        const bool isUser = std::ranges::any_of(evidence.people, [&](const registry::PersonUse &person) { return person.user.name == message.user; });
        std::string problem = isUser ? std::string() : message.user + " is nobody who uses it";
        if (!seen.insert(message.user).second)
            problem = message.user + " is there twice";
        if (!problem.empty())
            return fail(Error{ErrorCode::InvalidInput, "messages: " + problem, {{"messages", problem}}, {}});
    }
    return {};
}

// Sends or saves one; to the address that the registry has, whatever the message says.
api::DeprecationMessage deliver(const Services &services, api::DeprecationMessage message, const registry::UseEvidence &evidence, bool send)
{
    message.outcome = "failed";
    message.email.clear();
    for (const registry::PersonUse &person : evidence.people) {
        if (person.user.name == message.user)
            message.email = person.user.email;
    }
    if (!send) {
        message.outcome = "saved";
        return message;
    }
    if (message.email.empty()) {
        message.problem = "no address is known";
        return message;
    }
    const auto sent = services.sendMail(message.email, message.subject, message.text);
    message.outcome = sent ? "sent" : "failed";
    message.problem = sent ? std::string() : sent.error().detail;
    return message;
}

}  // namespace

CM_ANSWER(listDeprecations)
{
    CM_TRY_ASSIGN(const auto lines, call.services.deprecations.list(call.by));
    api::DeprecationList out;
    out.sampled = call.services.clock.now();
    for (const registry::DeprecationLine &line : lines)
        out.items.push_back(toApi(line, out.sampled));
    return out;
}

CM_ANSWER(proposeDeprecation)
{
    return toApi(call.services.deprecations.propose(call.by, fromApi(request.terms), request.reason));
}

CM_ANSWER(getDeprecation)
{
    CM_TRY_ASSIGN(const auto view, call.services.deprecations.view(call.by, request.deprecation.value));
    return toApi(view, call.services.clock.now());
}

CM_ANSWER(editDeprecation)
{
    return toApi(call.services.deprecations.edit(call.by, request.deprecation.value, request.revision, fromApi(request.terms), request.reason));
}

CM_ANSWER(deprecationEvidence)
{
    CM_TRY_ASSIGN(const auto evidence, call.services.deprecations.evidence(call.by, request.deprecation.value));
    return toApi(evidence, call.services.clock.now());
}

CM_ANSWER(planDeprecationStep)
{
    CM_TRY_ASSIGN(const auto plan, call.services.deprecations.plan(call.by, request.deprecation.value, stepOf(request)));
    return toApi(plan, request.to);
}

CM_ANSWER(takeDeprecationStep)
{
    return toApi(call.services.deprecations.take(call.by, request.deprecation.value, request.revision, stepOf(request), request.reason));
}

CM_ANSWER(confirmDeprecationStep)
{
    return toApi(call.services.deprecations.confirm(call.by, request.deprecation.value, request.revision, stepOf(request), request.reason));
}

CM_ANSWER(watchBrownOut)
{
    CM_TRY_ASSIGN(const auto record, call.services.deprecations.watch(call.by, request.deprecation.value, request.brownOut.value));
    return toApi(record, call.services.clock.now());
}

CM_ANSWER(listServingNodes)
{
    CM_TRY_ASSIGN(const auto nodes, call.services.deprecations.nodes(call.by));
    api::ServingNodes out;
    out.sampled = call.services.clock.now();
    for (const catalog::ServingNodeRow &node : nodes)
        out.items.push_back({node.node, node.seen, node.seen + registry::forgettableAfter < out.sampled});
    return out;
}

CM_ANSWER(forgetServingNode)
{
    return toApi(call.services.deprecations.forgetNode(call.by, request.node, request.reason));
}

CM_ANSWER(endBrownOut)
{
    return toApi(call.services.deprecations.endBrownOut(call.by, request.deprecation.value, request.brownOut.value, request.reason));
}

CM_ANSWER(exemptFromDeprecation)
{
    return toApi(call.services.deprecations.exempt(call.by, request.deprecation.value, request.user, request.until, request.reason));
}

CM_ANSWER(answerDeprecation)
{
    return toApi(call.services.deprecations.answer(call.by, request.deprecation.value, request.who, api::nameOf(request.stance), request.text));
}

CM_ANSWER(draftDeprecationMessages)
{
    CM_TRY_ASSIGN(const auto record, call.services.deprecations.view(call.by, request.deprecation.value));
    CM_TRY_ASSIGN(const auto evidence, call.services.deprecations.evidence(call.by, request.deprecation.value));
    api::DeprecationMessages out;
    out.canSend = static_cast<bool>(call.services.sendMail);
    for (const registry::PersonUse &person : evidence.people)
        out.items.push_back(draftFor(person, record, call.services.settings.name));
    return out;
}

CM_ANSWER(writeDeprecationMessages)
{
    CM_TRY(checkMessages(request.messages));
    const bool send = request.delivery == api::MessageDelivery::Send;
    if (send && !call.services.sendMail)
        return fail(ErrorCode::Unsupported, "this registry has no server for mails: save the messages, or configure serve.mail");
    CM_TRY_ASSIGN(const auto evidence, call.services.deprecations.evidence(call.by, request.deprecation.value));
    // Whatever could keep the messages from being noted is found before the first one goes out.
    CM_TRY(registry::checkedReason(request.reason, true));
    CM_TRY(checkReceivers(request.messages, evidence));
    api::DeprecationMessages out;
    out.canSend = static_cast<bool>(call.services.sendMail);
    std::vector<registry::ToldPerson> told;
    for (const api::DeprecationMessage &message : request.messages) {
        out.items.push_back(deliver(call.services, message, evidence, send));
        told.push_back({message.user, out.items.back().outcome, out.items.back().problem});
    }
    CM_TRY(call.services.deprecations.noteMessages(call.by, request.deprecation.value, told, request.reason));
    return out;
}

CM_ANSWER(deprecationMentions)
{
    CM_TRY_ASSIGN(const auto record, call.services.deprecations.view(call.by, request.deprecation.value));
    const auto texts = call.services.ownTexts();
    return mentionsIn(texts, record.row.mentions);
}

CM_ANSWER(deprecationReport)
{
    CM_TRY_ASSIGN(const auto record, call.services.deprecations.view(call.by, request.deprecation.value));
    CM_TRY_ASSIGN(const auto evidence, call.services.deprecations.evidence(call.by, request.deprecation.value));
    return api::DeprecationReport{reportOf(record, evidence, call.services.settings.name, call.services.clock.now())};
}

}  // namespace cm::server
