// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/evidence_card.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/download_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/pages/downloads/channel_uses.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/share_strip.h"

#include <QComboBox>
#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

EvidenceCard::EvidenceCard(AdminClient &client, QWidget *parent)
    : Card(tr("Evidence for a decision"), parent), m_client(client), m_classes(new QComboBox), m_installer(new SearchField(tr("Any installer"))),
      m_count(wrappedLabel()), m_interval(wrappedLabel()), m_meaning(wrappedLabel()), m_strip(new ShareStrip(tr("Who these downloads were"))), m_uses(new ChannelUses(client))
{
    m_classes->setAccessibleName(tr("Clients"));
    m_classes->addItem(tr("All clients"), QString());
    m_classes->addItem(tr("Installers and browsers"), QStringLiteral("interactive,ci,browser"));
    m_classes->addItem(tr("All but mirrors"), QStringLiteral("interactive,ci,browser,tooling,unknown"));
    for (const auto &[value, name] : api::EnumNames<api::ClientClass>::values)
        m_classes->addItem(nameFor(value), QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size())));
    m_installer->setAccessibleName(tr("Exactly this installer"));
    m_count->setFont(titleFont(font()));
    m_meaning->setForegroundRole(QPalette::PlaceholderText);
    m_meaning->setText(tr("Downloads of a client are not uses of a channel: who has it may use it daily and never download it again."
                          " How many people downloaded is not known. An interval takes each to have come by itself:"
                          " where one machine made many of them it is wider."));
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::unit);
    auto *fields = new QWidget;
    auto *row = new FlowLayout(fields);
    row->addWidget(m_classes);
    row->addWidget(m_installer);
    row->addWidget(m_uses->choice());
    layout->addWidget(fields);
    layout->addWidget(m_count);
    layout->addWidget(m_interval);
    layout->addWidget(m_strip);
    layout->addWidget(m_uses);
    layout->addWidget(m_meaning);
    setContent(inner);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    connect(m_classes, &QComboBox::currentIndexChanged, this, &EvidenceCard::read);
    connect(static_cast<SearchField *>(m_installer), &SearchField::searched, this, &EvidenceCard::read);
    connect(m_uses, &ChannelUses::clientProjectChanged, this, &EvidenceCard::read);
}

void EvidenceCard::ask(const QString &project, const QString &version, std::optional<Time> from, std::optional<Time> to)
{
    m_query.project = project.toStdString();
    m_query.version = version.toStdString();
    m_query.from = from;
    m_query.to = to;
    m_asked = true;
    m_uses->refresh();
    read();
}

void EvidenceCard::read()
{
    if (!m_asked)
        return;
    api::EvidenceQuery query = m_query;
    if (const QString client = m_uses->clientProject(); !client.isEmpty() && client.toStdString() != query.project) {
        query.project = client.toStdString();
        query.version.clear();
    }
    query.classes = m_classes->currentData().toString().toStdString();
    query.installer = m_installer->text().trimmed().toStdString();
    const QString subject = query.version.empty() ? text(query.project) : QStringLiteral("%1 %2").arg(text(query.project), text(query.version));
    m_call.start(this, m_client.call(api::endpoints::downloadEvidence, query), [this, subject](const Result<api::DownloadEvidence> &answer) {
        if (answer) {
            show(*answer, subject);
            return;
        }
        m_count->setText(dash());
        m_interval->setText(tr("Not known: %1").arg(wordsFor(answer.error()).title));
        m_strip->hide();
    });
}

void EvidenceCard::show(const api::DownloadEvidence &evidence, const QString &subject)
{
    m_strip->setVisible(evidence.classes.has_value() && evidence.count.value_or(0) > 0);
    if (!evidence.count || !evidence.lower || !evidence.upper || !evidence.classes) {
        m_count->setText(dash());
        m_interval->setText(tr("Nothing is known of this window"));
        return;
    }
    const QString count = formatCount(*evidence.count);
    m_count->setText(subject.isEmpty() ? tr("%1 downloads").arg(count) : tr("%1 downloads of %2").arg(count, ltr(elideMiddle(subject, 30))));
    const double all = static_cast<double>(evidence.of.value_or(0));
    QStringList words{tr("95 % interval %1 to %2").arg(boundWords(*evidence.lower), boundWords(*evidence.upper))};
    // Of all of them it says nothing that they are all.
    if (all > 0 && evidence.count != evidence.of)
        words << tr("%1 of %2 in all").arg(formatPercent(static_cast<double>(*evidence.count) / all), formatCount(*evidence.of));
    for (const QString &less : {foldedWords(evidence.folded), missingWords(evidence.minutes, evidence.known)}) {
        if (!less.isEmpty())
            words << less;
    }
    m_interval->setText(words.join(QStringLiteral(" · ")));
    const api::ClassFigures &by = *evidence.classes;
    const auto whole = static_cast<double>(std::max<std::int64_t>(1, *evidence.count));
    QList<ShareStrip::Part> parts;
    const std::int64_t figures[] = {by.interactive, by.ci, by.mirror, by.browser, by.tooling, by.unknown};
    for (const auto &[value, name] : api::EnumNames<api::ClientClass>::values) {
        const auto slot = static_cast<std::size_t>(value);
        if (figures[slot] > 0)
            parts << ShareStrip::Part{nameFor(value), formatPercent(static_cast<double>(figures[slot]) / whole), static_cast<double>(figures[slot]), slot};
    }
    m_strip->setParts(parts);
}

}  // namespace cm::ui
