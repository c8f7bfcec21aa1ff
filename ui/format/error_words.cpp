// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/error_words.h"

#include "ui/format/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace cm::ui {

namespace {

struct Words {
    const char *title;
    const char *stillTrue;
    const char *remedy;
    bool retry;
};

Words words(ErrorCode code)
{
    switch (code) {
    case ErrorCode::NotFound:
        return {QT_TRANSLATE_NOOP("errors", "There is no such thing here"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed."),
                QT_TRANSLATE_NOOP("errors", "It may have been removed or renamed meanwhile."), true};
    case ErrorCode::Conflict:
        return {QT_TRANSLATE_NOOP("errors", "Somebody else was faster"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed by this attempt."),
                QT_TRANSLATE_NOOP("errors", "Look at the present state, then decide again."), true};
    case ErrorCode::InvalidInput:
        return {QT_TRANSLATE_NOOP("errors", "The registry did not accept this"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed, and nothing that was typed is lost."),
                QT_TRANSLATE_NOOP("errors", "Correct what is named below."), false};
    case ErrorCode::Unauthorized:
        return {QT_TRANSLATE_NOOP("errors", "The registry does not know who you are"),
                QT_TRANSLATE_NOOP("errors", "What is on the screen was read before and stays."),
                QT_TRANSLATE_NOOP("errors", "Sign in again in Settings."), false};
    case ErrorCode::Forbidden:
        return {QT_TRANSLATE_NOOP("errors", "Your role does not allow this"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed."),
                QT_TRANSLATE_NOOP("errors", "Ask an admin of the registry or an owner of the project."), false};
    case ErrorCode::Unavailable:
        return {QT_TRANSLATE_NOOP("errors", "The registry cannot be reached"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed. What is on the screen was read before and stays."),
                QT_TRANSLATE_NOOP("errors", "The connection is tried again by itself."), true};
    case ErrorCode::Timeout:
        return {QT_TRANSLATE_NOOP("errors", "The registry did not answer in time"),
                QT_TRANSLATE_NOOP("errors", "Whether a change was made is not known."),
                QT_TRANSLATE_NOOP("errors", "Look at the present state before doing it again."), true};
    case ErrorCode::Cancelled:
        return {QT_TRANSLATE_NOOP("errors", "Cancelled"), QT_TRANSLATE_NOOP("errors", "Nothing was changed."), "", true};
    case ErrorCode::Corrupt:
        return {QT_TRANSLATE_NOOP("errors", "Stored data contradict themselves"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed."),
                QT_TRANSLATE_NOOP("errors", "An admin should run a check of the store."), false};
    case ErrorCode::Unsupported:
        return {QT_TRANSLATE_NOOP("errors", "This registry cannot do that"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed."),
                QT_TRANSLATE_NOOP("errors", "A newer version of the registry may."), false};
    case ErrorCode::Gone:
        return {QT_TRANSLATE_NOOP("errors", "It was here once and was removed"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed."),
                QT_TRANSLATE_NOOP("errors", "The audit log says by whom and why."), false};
    case ErrorCode::TooLarge:
        return {QT_TRANSLATE_NOOP("errors", "It is larger than the registry takes"),
                QT_TRANSLATE_NOOP("errors", "Nothing was stored."),
                QT_TRANSLATE_NOOP("errors", "A moderator can raise the limit of the project."), false};
    case ErrorCode::RateLimited:
        return {QT_TRANSLATE_NOOP("errors", "The registry asks to slow down"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed."),
                QT_TRANSLATE_NOOP("errors", "Try again in a moment."), true};
    case ErrorCode::GuardFailed:
        return {QT_TRANSLATE_NOOP("errors", "A condition no longer holds"),
                QT_TRANSLATE_NOOP("errors", "Nothing was changed."),
                QT_TRANSLATE_NOOP("errors", "What stands in the way is named below."), true};
    case ErrorCode::BadAnswer:
        return {QT_TRANSLATE_NOOP("errors", "What answers there is not a registry"),
                QT_TRANSLATE_NOOP("errors", "What is on the screen was read before and stays."),
                QT_TRANSLATE_NOOP("errors", "Check the address in Settings."), true};
    case ErrorCode::Internal:
        break;
    }
    return {QT_TRANSLATE_NOOP("errors", "The registry failed to do this"),
            QT_TRANSLATE_NOOP("errors", "A change is made wholly or not at all."),
            QT_TRANSLATE_NOOP("errors", "Its log names the request. Report it with the text below."), true};
}

QString tr(const char *source)
{
    return *source == '\0' ? QString() : QCoreApplication::translate("errors", source);
}

bool isAbout(const Error &error, std::string_view field)
{
    return error.code == ErrorCode::Unavailable && !error.fields.empty() && error.fields.front().field == field;
}

// It answers, and says no to every change for a while.
bool isReadOnly(const Error &error)
{
    return isAbout(error, "read-only");
}

struct Distrust {
    std::string_view problem;
    const char *brief;
    const char *title;
    const char *remedy;
};

constexpr std::array distrusts{
    Distrust{"authority", QT_TRANSLATE_NOOP("errors", "certificate by an unknown authority"),
             QT_TRANSLATE_NOOP("errors", "The server's certificate is by an authority that is not trusted here"),
             QT_TRANSLATE_NOOP("errors", "If it is the right server, choose the file of its authority in Settings, or start with --authority or --monitor-authority.")},
    Distrust{"name", QT_TRANSLATE_NOOP("errors", "certificate for another name"),
             QT_TRANSLATE_NOOP("errors", "The server's certificate is for another name"),
             QT_TRANSLATE_NOOP("errors", "Use an address that it is for, or have one made for this address.")},
    Distrust{"ended", QT_TRANSLATE_NOOP("errors", "certificate has ended"),
             QT_TRANSLATE_NOOP("errors", "The server's certificate has ended"),
             QT_TRANSLATE_NOOP("errors", "Whoever runs the server has to renew it, unless the clock of this machine is wrong.")},
    Distrust{"early", QT_TRANSLATE_NOOP("errors", "certificate is not valid yet"),
             QT_TRANSLATE_NOOP("errors", "The server's certificate is not valid yet"),
             QT_TRANSLATE_NOOP("errors", "Look at the clock of this machine first, then at the server's.")},
    Distrust{"handshake", QT_TRANSLATE_NOOP("errors", "no TLS"), QT_TRANSLATE_NOOP("errors", "No protected connection comes about"),
             QT_TRANSLATE_NOOP("errors", "Check the address in Settings: what is there may speak plain HTTP.")},
    Distrust{"file", QT_TRANSLATE_NOOP("errors", "authority file cannot be used"), QT_TRANSLATE_NOOP("errors", "The authority file cannot be used"),
             QT_TRANSLATE_NOOP("errors", "Choose another in Settings: certificates in PEM, of the authority that made the server's.")},
    // Whatever else a certificate may be.
    Distrust{"certificate", QT_TRANSLATE_NOOP("errors", "certificate cannot be trusted"),
             QT_TRANSLATE_NOOP("errors", "The server's certificate cannot be trusted"),
             QT_TRANSLATE_NOOP("errors", "Whoever runs the server has to have another made.")},
};

// Null where it is about something else.
const Distrust *distrustOf(const Error &error)
{
    if (!isAbout(error, "trust"))
        return nullptr;
    const auto found = std::find_if(distrusts.begin(), distrusts.end(), [&](const Distrust &one) { return one.problem == error.fields.front().problem; });
    return found == distrusts.end() ? &distrusts.back() : &*found;
}

}  // namespace

ErrorWords wordsFor(const Error &error)
{
    if (isReadOnly(error))
        return {tr(QT_TRANSLATE_NOOP("errors", "The registry is read-only")), tr(QT_TRANSLATE_NOOP("errors", "Nothing was changed.")),
                tr(QT_TRANSLATE_NOOP("errors", "Try again in %1.")).arg(formatDuration(error.retryAfter)), text(error.detail), {}, true};
    if (const Distrust *distrust = distrustOf(error))
        return {tr(distrust->title), tr(QT_TRANSLATE_NOOP("errors", "Nothing was sent to it. What is on the screen was read before and stays.")),
                tr(distrust->remedy), text(error.detail), {}, true};
    const Words chosen = words(error.code);
    ErrorWords result{tr(chosen.title), tr(chosen.stillTrue), tr(chosen.remedy), text(error.detail), {}, chosen.retry};
    if (error.code == ErrorCode::RateLimited && error.retryAfter.count() > 0)
        result.remedy = tr(QT_TRANSLATE_NOOP("errors", "Try again in %1.")).arg(formatDuration(error.retryAfter));
    for (const FieldProblem &problem : error.fields)
        result.fields.append(tr(QT_TRANSLATE_NOOP("errors", "%1: %2")).arg(text(problem.field), text(problem.problem)));
    return result;
}

QString trustWords(const Error &error)
{
    const Distrust *distrust = distrustOf(error);
    return distrust ? tr(distrust->brief) : QString();
}

}  // namespace cm::ui
