// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/channel_uses.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/deprecation_words.h"
#include "ui/format/download_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/share_strip.h"

#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace cm::ui {

ChannelUses::ChannelUses(AdminClient &client, QWidget *parent)
    : QWidget(parent), m_client(client), m_channels(new QComboBox), m_count(wrappedLabel()), m_words(wrappedLabel()), m_strip(new ShareStrip(tr("Who these uses were")))
{
    m_channels->setAccessibleName(tr("Channel that retires"));
    m_channels->setToolTip(tr("Shows the uses of what retires beside the downloads of its client"));
    m_channels->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_channels->addItem(tr("No channel"), 0LL);
    m_count->setFont(titleFont(font()));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, metrics::unit, 0, 0);
    layout->setSpacing(metrics::unit);
    layout->addWidget(m_count);
    layout->addWidget(m_words);
    layout->addWidget(m_strip);
    hide();
    connect(m_channels, &QComboBox::currentIndexChanged, this, [this] {
        showNothing({});
        read();
    });
}

void ChannelUses::refresh()
{
    m_listCall.start(this, m_client.call(api::endpoints::listDeprecations, {}), [this](const Result<api::DeprecationList> &answer) {
        // What is chosen says itself what is wrong.
        if (answer)
            offer(*answer);
        read();
    });
}

void ChannelUses::offer(const api::DeprecationList &list)
{
    m_list = list;
    QList<std::pair<QString, qlonglong>> offered{{tr("No channel"), 0}};
    for (const api::DeprecationSummary &one : list.items) {
        if (one.unreadable.empty())
            offered.append({text(one.title), one.id.value});
    }
    QList<std::pair<QString, qlonglong>> before;
    for (int i = 0; i < m_channels->count(); ++i)
        before.append({m_channels->itemText(i), m_channels->itemData(i).toLongLong()});
    m_channels->setVisible(offered.size() > 1);
    // Nobody who is choosing is disturbed for nothing.
    if (offered == before)
        return;
    const QVariant chosen = m_channels->currentData();
    const QSignalBlocker quiet(m_channels);
    m_channels->clear();
    for (const auto &[title, id] : std::as_const(offered))
        m_channels->addItem(title, id);
    m_channels->setCurrentIndex(std::max(0, m_channels->findData(chosen)));
}

void ChannelUses::read()
{
    const std::int64_t chosen = m_channels->currentData().toLongLong();
    setVisible(chosen != 0);
    if (chosen == 0) {
        m_recordCall.drop();
        m_evidenceCall.drop();
        setClientProject({});
        return;
    }
    const api::DeprecationRef ref{api::Id{chosen}};
    m_recordCall.start(this, m_client.call(api::endpoints::getDeprecation, ref), [this](const Result<api::DeprecationRecord> &answer) {
        if (answer)
            setClientProject(text(answer->terms.clientProject));
    });
    m_evidenceCall.start(this, m_client.call(api::endpoints::deprecationEvidence, ref), [this](const Result<api::DeprecationEvidence> &answer) {
        if (answer)
            show(*answer);
        else
            showNothing(tr("Not known: %1").arg(wordsFor(answer.error()).title));
    });
}

void ChannelUses::setClientProject(const QString &project)
{
    if (std::exchange(m_clientProject, project) != project)
        Q_EMIT clientProjectChanged();
}

void ChannelUses::showNothing(const QString &why)
{
    m_count->setText(dash());
    m_words->setText(why);
    m_strip->hide();
}

void ChannelUses::show(const api::DeprecationEvidence &evidence)
{
    const std::int64_t chosen = m_channels->currentData().toLongLong();
    const auto item = std::ranges::find(m_list.items, api::Id{chosen}, &api::DeprecationSummary::id);
    const bool reads = item != m_list.items.end() && isRead(m_list.retirable, item->kind, item->subject);
    if (!evidence.recordedSince) {
        showNothing(tr("No use was recorded yet: nobody knows who uses it."));
        return;
    }
    const std::int64_t uses = evidence.uses90 + evidence.anonymous90;
    m_count->setText(tr("%1 uses of %2").arg(formatCount(uses), m_channels->currentText()));
    QStringList words{tr("in 90 days, %1 of them in the last 30").arg(formatCount(evidence.uses30 + evidence.anonymous30))};
    if (*evidence.recordedSince > evidence.sampled - std::chrono::days(90))
        words << tr("recorded since %1 alone").arg(formatDate(*evidence.recordedSince));
    words << tr("%1 people with an account").arg(formatCount(evidence.people90));
    if (evidence.anonymous90 > 0)
        words << tr("%1 uses without one").arg(formatCount(evidence.anonymous90));
    if (reads && evidence.behindCaches)
        words << tr("caches in front answer for it as well: this is the least that there was");
    else if (uses == 0 && evidence.boundADay)
        words << tr("at most %1 a day (95 %)").arg(QLocale().toString(*evidence.boundADay, 'f', 2));
    else if (uses > 0 && evidence.lower90 && evidence.upper90)
        words << tr("95 % interval %1 to %2").arg(boundWords(*evidence.lower90), boundWords(*evidence.upper90));
    if (evidence.lost > 0)
        words << tr("%1 more are missing").arg(formatCount(evidence.lost));
    else if (evidence.lostSince)
        words << tr("some may be missing since %1").arg(formatDate(*evidence.lostSince));
    m_words->setText(words.join(QStringLiteral(" · ")));
    showClasses(evidence);
}

void ChannelUses::showClasses(const api::DeprecationEvidence &evidence)
{
    std::int64_t whole = 0;
    for (const api::DeprecationClassUse &one : evidence.classes)
        whole += one.uses;
    QList<ShareStrip::Part> parts;
    const auto add = [&](const QString &name, std::int64_t uses, std::size_t slot, bool hatched) {
        parts << ShareStrip::Part{name, formatPercent(static_cast<double>(uses) / static_cast<double>(whole)), static_cast<double>(uses), slot, hatched};
    };
    // In the order of the classes, as everywhere on this page.
    for (const auto &[value, name] : api::EnumNames<api::ClientClass>::values) {
        const auto found = std::ranges::find(evidence.classes, std::optional(value), &api::DeprecationClassUse::clientClass);
        if (found != evidence.classes.end() && found->uses > 0)
            add(nameFor(value), found->uses, static_cast<std::size_t>(value), false);
    }
    const auto untold = std::ranges::find(evidence.classes, std::optional<api::ClientClass>(), &api::DeprecationClassUse::clientClass);
    if (untold != evidence.classes.end() && untold->uses > 0)
        add(tr("class not looked at"), untold->uses, 0, true);
    m_strip->setVisible(whole > 0);
    m_strip->setParts(parts);
}

}  // namespace cm::ui
