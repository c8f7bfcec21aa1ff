// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/findings.h"

#include "core/api/findings.h"
#include "ui/format/format.h"

#include <QCoreApplication>

#include <array>
#include <string_view>

namespace cm::ui {

namespace {

namespace code = api::finding;

struct Words {
    std::string_view finding;
    const char *words;
};

// Of those whose sentence begins with something else than what is wrong.
constexpr std::array shortWords{
    Words{code::splitBrain, QT_TRANSLATE_NOOP("findings", "takes writes, and so does another")},
    Words{code::noQuorum, QT_TRANSLATE_NOOP("findings", "works, but no automatic failover")},
    Words{code::readOnlyDatabase, QT_TRANSLATE_NOOP("findings", "no writes: its database takes none")},
    Words{code::disagree, QT_TRANSLATE_NOOP("findings", "does not agree with the others")},
    Words{code::memoryCertOld, QT_TRANSLATE_NOOP("findings", "old certificate is presented")},
    Words{code::noSecondCopy, QT_TRANSLATE_NOOP("findings", "no second copy of its commits")},
    Words{code::fallbackNotFiring, QT_TRANSLATE_NOOP("findings", "fallback does not fire: nobody can install")},
    Words{code::fallbackInUse, QT_TRANSLATE_NOOP("findings", "serves from the mirror: no web node works")},
    Words{code::fallbackUnneeded, QT_TRANSLATE_NOOP("findings", "serves from the mirror without need")},
    Words{code::edgeDiffers, QT_TRANSLATE_NOOP("findings", "sees a node otherwise than the monitor")},
    Words{code::outlierPop, QT_TRANSLATE_NOOP("findings", "fails at one point of presence")},
    Words{code::cdnStale, QT_TRANSLATE_NOOP("findings", "gives clients old pages")},
    Words{code::mirrorHolds, QT_TRANSLATE_NOOP("findings", "holds back deletions until somebody allows them")},
    Words{code::mirrorLacks, QT_TRANSLATE_NOOP("findings", "cannot copy some projects")},
    Words{code::mirrorStopped, QT_TRANSLATE_NOOP("findings", "its process does not run")},
    Words{code::purgesWait, QT_TRANSLATE_NOOP("findings", "does not get its purges through to the CDN")},
    Words{code::drillDue, QT_TRANSLATE_NOOP("findings", "fallback drill is due")},
    Words{code::drillFailed, QT_TRANSLATE_NOOP("findings", "last fallback drill failed")},
    Words{code::noLeader, QT_TRANSLATE_NOOP("findings", "works, and too few of them vote: nobody may write")},
    Words{code::noPrimary, QT_TRANSLATE_NOOP("findings", "no primary: nobody takes writes")},
};

}  // namespace

QString shortWordsOf(const api::Node &node)
{
    // Which of the two stays is the first thing to know.
    if (node.finding == code::splitBrain && !node.findings.empty() && !node.findings.front().actOn.empty())
        return node.findings.front().actOn == node.name ? QCoreApplication::translate("findings", "to be fenced: takes writes too")
                                                        : QCoreApplication::translate("findings", "stays: the pgpools use it");
    for (const Words &known : shortWords) {
        if (known.finding == node.finding)
            return QCoreApplication::translate("findings", known.words);
    }
    QString words = text(node.statement);
    const QString name = text(node.name) + QLatin1Char(' ');
    if (!words.startsWith(name)) {
        // One may speak for all of its role or of its host: "No web node answers".
        if (node.finding == code::down)
            return QCoreApplication::translate("findings", "down");
        if (node.finding == code::noAnswer)
            return QCoreApplication::translate("findings", "does not answer");
        return words;
    }
    words = words.mid(name.size());
    for (const auto verb : {QLatin1String("is "), QLatin1String("has ")}) {
        if (words.startsWith(verb))
            return words.mid(verb.size());
    }
    return words;
}

}  // namespace cm::ui
