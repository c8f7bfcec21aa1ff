// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/indirect_card.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/download_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/count_bars.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr std::array shown{api::ClientClass::Interactive, api::ClientClass::Browser, api::ClientClass::Mirror, api::ClientClass::Ci};

}  // namespace

IndirectCard::IndirectCard(AdminClient &client, QWidget *parent)
    : Card(tr("Indirect use"), parent), m_client(client), m_days(new QComboBox), m_bars(new CountBars(tr("Downloads of the client by class"))), m_words(wrappedLabel())
{
    static_assert(shown.size() == asked);
    for (const int days : {14, 30, 90})
        m_days->addItem(tr("%n day(s)", nullptr, days), days);
    m_days->setAccessibleName(tr("Window of indirect use"));
    addHeaderWidget(m_days);
    m_words->setForegroundRole(QPalette::PlaceholderText);
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(m_bars);
    layout->addWidget(m_words);
    layout->addStretch(1);
    setContent(inner);
    connect(m_days, &QComboBox::currentIndexChanged, this, [this] {
        m_answers = {};
        read();
    });
}

void IndirectCard::ask(const api::DeprecationTerms &terms, Time now)
{
    const QString project = text(terms.clientProject);
    if (project != m_project)
        m_answers = {};
    m_project = project;
    m_now = now;
    setTitle(project.isEmpty() ? tr("Indirect use") : tr("Indirect: downloads of %1").arg(ltr(elideMiddle(project, 20))));
    m_days->setVisible(!project.isEmpty());
    read();
}

void IndirectCard::read()
{
    draw();
    if (m_project.isEmpty())
        return;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        api::EvidenceQuery query;
        query.project = m_project.toStdString();
        query.classes = std::string(api::nameOf(shown[i]));
        query.from = m_now - std::chrono::days(m_days->currentData().toInt());
        query.to = m_now;
        m_calls[i].start(this, m_client.call(api::endpoints::downloadEvidence, query), [this, i](Result<api::DownloadEvidence> answer) {
            m_answers[i] = std::move(answer);
            draw();
        });
    }
}

void IndirectCard::draw()
{
    m_bars->setVisible(!m_project.isEmpty());
    if (m_project.isEmpty()) {
        m_words->setText(tr("No project's downloads stand for this."));
        return;
    }
    QList<CountBars::Row> rows;
    QString problem;
    QString missing;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        CountBars::Row row{nameFor(shown[i]), std::nullopt, dash(), tr("not known"), static_cast<std::size_t>(shown[i])};
        const auto &answer = m_answers[i];
        if (!answer) {
            row.words.clear();
        } else if (!*answer) {
            problem = wordsFor(answer->error()).title;
        } else if ((*answer)->count) {
            const api::DownloadEvidence &evidence = **answer;
            row.value = static_cast<double>(*evidence.count);
            row.figure = formatCount(*evidence.count);
            row.words = evidence.lower && evidence.upper ? tr("95 %: %1 to %2").arg(boundWords(*evidence.lower), boundWords(*evidence.upper)) : QString();
            missing = missingWords(evidence.minutes, evidence.known);
        }
        rows.append(row);
    }
    m_bars->setRows(rows);
    QStringList words;
    if (!problem.isEmpty())
        words << tr("Not known: %1.").arg(problem);
    if (!missing.isEmpty())
        words << missing + QLatin1Char('.');
    words << tr("Downloads of a client are not uses of the channel: it is installed once.");
    m_words->setText(words.join(QLatin1Char(' ')));
}

}  // namespace cm::ui
