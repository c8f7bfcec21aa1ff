// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/download_bar.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/widgets/flow_layout.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QStringListModel>

namespace cm::ui {

namespace {

constexpr qsizetype mostCompared = 10;
constexpr int suggestions = 8;

// Completes the last of several names.
class LastNameCompleter : public QCompleter {
public:
    LastNameCompleter(QAbstractItemModel *model, QLineEdit *field) : QCompleter(model, field), m_field(field) {}

    [[nodiscard]] QString pathFromIndex(const QModelIndex &index) const override
    {
        QStringList names = m_field->text().split(QLatin1Char(','));
        names.last() = index.data().toString();
        for (QString &name : names)
            name = name.trimmed();
        return names.join(QStringLiteral(", "));
    }
    [[nodiscard]] QStringList splitPath(const QString &path) const override { return {path.section(QLatin1Char(','), -1).trimmed()}; }

private:
    QLineEdit *m_field;
};

QComboBox *choice(const QString &name)
{
    auto *box = new QComboBox;
    box->setAccessibleName(name);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    return box;
}

}  // namespace

DownloadBar::DownloadBar(AdminClient &client, QWidget *parent) : QWidget(parent), m_client(client)
{
    build();
    offerSplits();
    offerVersions({}, {});
    connectSignals();
}

void DownloadBar::build()
{
    m_subject = new QLineEdit;
    m_subject->setClearButtonEnabled(true);
    for (QAbstractButton *clear : m_subject->findChildren<QAbstractButton *>())
        clear->setAccessibleName(tr("Back to the whole registry"));
    m_subject->setPlaceholderText(tr("Whole registry"));
    m_subject->setToolTip(tr("The name of a project; several with commas between are compared; empty: the whole registry"));
    m_subject->setAccessibleName(tr("Projects, with commas between"));
    m_subject->setMinimumWidth(m_subject->fontMetrics().horizontalAdvance(m_subject->placeholderText()) + 48);
    m_suggestions = new QStringListModel(this);
    auto *completer = new LastNameCompleter(m_suggestions, m_subject);
    completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    m_subject->setCompleter(completer);

    m_version = choice(tr("Version"));
    m_span = choice(tr("Window"));
    using std::chrono::minutes;
    m_span->addItem(tr("Last hour"), 60);
    m_span->addItem(tr("Last 6 hours"), 6 * 60);
    m_span->addItem(tr("Last 24 hours"), 24 * 60);
    m_span->addItem(tr("Last 7 days"), 7 * 24 * 60);
    m_span->addItem(tr("Last 14 days"), 14 * 24 * 60);
    m_span->addItem(tr("Last 30 days"), 30 * 24 * 60);
    m_span->addItem(tr("Last 90 days"), 90 * 24 * 60);
    m_span->addItem(tr("Last year"), 365 * 24 * 60);
    m_span->addItem(tr("All"), 0);
    m_span->setCurrentIndex(m_span->findData(30 * 24 * 60));
    m_split = choice(tr("Split by"));
    m_classes = choice(tr("Client classes"));
    m_classes->addItem(tr("With mirrors"), QString());
    m_classes->addItem(tr("Without mirrors"), QStringLiteral("interactive,ci,browser,tooling,unknown"));
    m_classes->addItem(tr("Mirrors alone"), QStringLiteral("mirror"));
    m_classes->addItem(tr("Installers alone"), QStringLiteral("interactive,ci"));
    m_look = choice(tr("Drawn as"));
    m_look->addItem(tr("Stacked bars"), static_cast<int>(DownloadChart::Look::Stacked));
    m_look->addItem(tr("Lines"), static_cast<int>(DownloadChart::Look::Lines));
    m_look->addItem(tr("Lines, log scale"), static_cast<int>(DownloadChart::Look::Tenfold));

    auto *row = new FlowLayout(this);
    const auto pair = [row](const QString &words, QWidget *field) {
        auto *label = new QLabel(words);
        label->setBuddy(field);
        row->addPair(label, field);
        return label;
    };
    pair(tr("Do&wnloads of"), m_subject);
    m_versionLabel = pair(tr("Ve&rsion"), m_version);
    pair(tr("Win&dow"), m_span);
    pair(tr("S&plit by"), m_split);
    row->addWidget(m_classes);
    row->addWidget(m_look);
}

void DownloadBar::connectSignals()
{
    connect(m_subject, &QLineEdit::textEdited, this, &DownloadBar::suggest);
    connect(m_subject, &QLineEdit::returnPressed, this, &DownloadBar::takeTyped);
    connect(m_subject->completer(), qOverload<const QString &>(&QCompleter::activated), this, [this] {
        // The text is there only when this signal is through.
        QMetaObject::invokeMethod(this, &DownloadBar::takeTyped, Qt::QueuedConnection);
    });
    connect(m_subject, &QLineEdit::textChanged, this, [this](const QString &now) {
        if (now.isEmpty() && !m_projects.isEmpty())
            takeTyped();
    });
    connect(m_version, &QComboBox::currentIndexChanged, this, [this] {
        offerSplits();
        Q_EMIT changed();
    });
    for (QComboBox *box : {m_span, m_split, m_classes})
        connect(box, &QComboBox::currentIndexChanged, this, &DownloadBar::changed);
    connect(m_look, &QComboBox::currentIndexChanged, this, &DownloadBar::lookChanged);
}

void DownloadBar::suggest(const QString &typed)
{
    const QString last = typed.section(QLatin1Char(','), -1).trimmed();
    if (last.isEmpty()) {
        m_suggesting.drop();
        return;
    }
    api::ListProjects request;
    request.query = last.toStdString();
    request.limit = suggestions;
    m_suggesting.start(this, m_client.call(api::endpoints::listProjects, request),
                       [this](const Result<api::Page<api::ProjectSummary>> &answer) {
                           if (!answer || !m_subject->hasFocus())
                               return;
                           QStringList names;
                           for (const api::ProjectSummary &project : answer->items)
                               names << text(project.name);
                           m_suggestions->setStringList(names);
                           if (!names.isEmpty())
                               m_subject->completer()->complete();
                       });
}

void DownloadBar::takeTyped()
{
    m_suggesting.drop();
    QStringList names;
    for (const QString &part : m_subject->text().split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        if (const QString name = part.trimmed(); !name.isEmpty() && !names.contains(name) && names.size() < mostCompared)
            names << name;
    }
    if (names == m_projects)
        return;
    setSubject(names, {});
    Q_EMIT changed();
}

void DownloadBar::setSubject(const QStringList &projects, const QString &version)
{
    m_projects = projects;
    const QString whole = projects.join(QStringLiteral(", "));
    if (m_subject->text() != whole)
        m_subject->setText(whole);
    offerVersions(version.isEmpty() ? QStringList() : QStringList{version}, version);
    offerSplits();
}

void DownloadBar::setVersions(const QStringList &versions)
{
    offerVersions(versions, version());
}

void DownloadBar::offerVersions(const QStringList &versions, const QString &chosen)
{
    const QSignalBlocker quiet(m_version);
    m_version->clear();
    m_version->addItem(tr("All versions"), QString());
    for (const QString &one : versions)
        m_version->addItem(one, one);
    if (!chosen.isEmpty() && !versions.contains(chosen))
        m_version->addItem(chosen, chosen);
    m_version->setCurrentIndex(std::max(0, m_version->findData(chosen)));
    m_version->setVisible(m_projects.size() == 1);
    m_versionLabel->setVisible(m_projects.size() == 1);
}

// Several projects are compared as they are; versions are those of one project.
void DownloadBar::offerSplits()
{
    using enum api::DownloadSplit;
    const QSignalBlocker quiet(m_split);
    const QVariant chosen = m_split->count() == 0 ? QVariant(static_cast<int>(Class)) : m_split->currentData();
    m_split->clear();
    if (m_projects.size() <= 1) {
        for (const api::DownloadSplit one : {Class, Installer, Python, System, Country, FileType})
            m_split->addItem(nameFor(one), static_cast<int>(one));
        if (m_projects.size() == 1 && version().isEmpty())
            m_split->addItem(nameFor(Version), static_cast<int>(Version));
    }
    m_split->addItem(nameFor(None), static_cast<int>(None));
    m_split->setCurrentIndex(std::max(0, m_split->findData(chosen)));
}

QString DownloadBar::version() const
{
    return m_projects.size() == 1 ? m_version->currentData().toString() : QString();
}

api::DownloadSplit DownloadBar::split() const
{
    return static_cast<api::DownloadSplit>(m_split->currentData().toInt());
}

std::string DownloadBar::classes() const
{
    return m_classes->currentData().toString().toStdString();
}

std::optional<std::chrono::minutes> DownloadBar::span() const
{
    const int minutes = m_span->currentData().toInt();
    return minutes > 0 ? std::optional(std::chrono::minutes(minutes)) : std::nullopt;
}

DownloadChart::Look DownloadBar::look() const
{
    return static_cast<DownloadChart::Look>(m_look->currentData().toInt());
}

void DownloadBar::takeFocus()
{
    m_subject->setFocus();
    m_subject->selectAll();
}

}  // namespace cm::ui
