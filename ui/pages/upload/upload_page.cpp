// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/upload/upload_page.h"

#include "ui/client/connection.h"
#include "ui/client/documentation_check.h"
#include "ui/client/when_done.h"
#include "ui/format/format.h"
#include "ui/pages/upload/documentation_card.h"
#include "ui/pages/upload/drop_area.h"
#include "ui/pages/upload/upload_card.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"

#include <QAction>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

PageFactory uploadPage()
{
    return {QStringLiteral("upload"), UploadPage::tr("Upload"), Section::Publish, {}, true, true,
            [](const PageContext &context) { return new UploadPage(context); }};
}

UploadPage::UploadPage(const PageContext &context, QWidget *parent)
    : Page(context, parent), m_browse(new QAction(tr("&Browse…"), this)), m_sendAll(new QAction(tr("&Upload what is ready"), this)),
      m_clear(new QAction(tr("C&lear finished"), this))
{
    m_browse->setToolTip(tr("Choose files to upload"));
    m_sendAll->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
    connect(m_browse, &QAction::triggered, this, &UploadPage::browse);
    connect(m_sendAll, &QAction::triggered, this, &UploadPage::sendReady);
    connect(m_clear, &QAction::triggered, this, &UploadPage::clearFinished);
    // The short cuts work wherever the focus is on the page.
    addActions(pageActions());
    setTitle(tr("Upload"));
    setContent(build());
    connect(&context.connection, &Connection::registryChanged, this, &UploadPage::followRegistry);
    followRegistry();
    updateBar();
}

QWidget *UploadPage::build()
{
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    m_area = new DropArea(m_browse);
    layout->addWidget(m_area, 1);

    m_scroll = new QScrollArea;
    auto *scroll = m_scroll;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setAccessibleName(tr("Files to upload"));
    auto *inner = new QWidget;
    m_list = new QVBoxLayout(inner);
    m_list->setContentsMargins(0, 0, 0, 0);
    m_list->setSpacing(metrics::gap);
    m_list->addStretch();
    scroll->setWidget(inner);
    layout->addWidget(scroll, 100);

    auto *bar = new QHBoxLayout;
    bar->setSpacing(8);
    m_summary = new QLabel;
    m_summary->setForegroundRole(QPalette::PlaceholderText);
    auto *send = actionButton(m_sendAll);
    send->setDefault(true);
    bar->addWidget(m_summary, 1);
    bar->addWidget(actionButton(m_clear));
    bar->addWidget(send);
    layout->addLayout(bar);
    return content;
}

void UploadPage::activate(const Route &route)
{
    refresh();
    faces()->showContent();
    if (!route.subject.isEmpty())
        addFiles({route.subject});
}

void UploadPage::followRegistry()
{
    const auto &registry = context().connection.registry();
    if (registry)
        m_area->setTarget(ltr(text(registry->uploadUrl)));
    const auto mode = registry ? registry->readOnly : std::nullopt;
    const bool opened = m_closed && !mode;
    m_closed = mode.has_value();
    m_area->setClosed(mode ? formatUntil(mode->until, context().clock.now()) : QString(), mode ? text(mode->message) : QString());
    // What was refused may be what it waited for.
    for (UploadCard *card : opened ? m_cards : QList<UploadCard *>()) {
        if (card->job()->state() == UploadJob::State::Blocked)
            card->job()->check();
    }
}

void UploadPage::refresh()
{
    followRegistry();
    // What the registry could not be asked about is asked again.
    for (UploadCard *card : std::as_const(m_cards)) {
        if (card->job()->state() == UploadJob::State::Unasked)
            card->job()->check();
    }
}

QList<QAction *> UploadPage::pageActions() const
{
    return {m_browse, m_sendAll, m_clear};
}

void UploadPage::dropFiles(const QList<QUrl> &files)
{
    QStringList paths;
    for (const QUrl &file : files) {
        if (file.isLocalFile())
            paths << file.toLocalFile();
    }
    addFiles(paths);
}

void UploadPage::browse()
{
    auto *dialog = new QFileDialog(this, tr("Choose files to upload"), m_lastFolder,
                                   tr("Distributions and documentation (*.whl *.tar.gz *.zip);;All files (*)"));
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::filesSelected, this, [this, dialog](const QStringList &paths) {
        m_lastFolder = dialog->directory().absolutePath();
        addFiles(paths);
    });
    dialog->open();
}

void UploadPage::addFiles(const QStringList &paths)
{
    faces()->showContent();
    for (const QString &path : paths) {
        const auto isThis = [&](const auto *card) { return card->job()->path() == path; };
        if (std::any_of(m_cards.cbegin(), m_cards.cend(), isThis) || std::any_of(m_docs.cbegin(), m_docs.cend(), isThis) ||
            m_looking.contains(path))
            continue;
        if (!isNamedLikeDocumentation(path)) {
            addDistribution(path);
            continue;
        }
        m_looking << path;
        whenDone(this, recogniseDocumentation(path), [this, path](const Result<bool> &found) {
            m_looking.removeAll(path);
            if (found && *found)
                addDocumentation(path);
            else
                addDistribution(path);
            updateBar();
        });
    }
    updateBar();
}

void UploadPage::addDistribution(const QString &path)
{
    auto *job = new UploadJob(context(), path);
    auto *card = new UploadCard(context(), job);
    job->setParent(card);
    connect(job, &UploadJob::changed, this, &UploadPage::updateBar);
    connect(card, &UploadCard::removeRequested, this, [this, card] { remove(card); });
    m_list->insertWidget(static_cast<int>(m_cards.size()), card);
    m_cards.append(card);
    job->check();
}

// Behind the distributions, which it may document.
void UploadPage::addDocumentation(const QString &path)
{
    auto *card = new DocumentationCard(context(), path);
    connect(card, &DocumentationCard::changed, this, &UploadPage::updateBar);
    connect(card, &DocumentationCard::removeRequested, this, [this, card] { remove(card); });
    m_list->insertWidget(static_cast<int>(m_cards.size() + m_docs.size()), card);
    m_docs.append(card);
}

void UploadPage::remove(DocumentationCard *card)
{
    m_docs.removeOne(card);
    card->deleteLater();
    updateBar();
}

void UploadPage::remove(UploadCard *card)
{
    m_cards.removeOne(card);
    card->deleteLater();
    updateBar();
}

void UploadPage::sendReady()
{
    for (UploadCard *card : std::as_const(m_cards)) {
        if (card->job()->state() == UploadJob::State::Ready)
            card->job()->send();
    }
    for (DocumentationCard *card : std::as_const(m_docs)) {
        if (card->job()->state() == DocumentationJob::State::Ready)
            card->send();
    }
}

void UploadPage::clearFinished()
{
    const QList<UploadCard *> cards = m_cards;
    for (UploadCard *card : cards) {
        if (card->job()->state() == UploadJob::State::Done || card->job()->state() == UploadJob::State::Cancelled)
            remove(card);
    }
    const QList<DocumentationCard *> docs = m_docs;
    for (DocumentationCard *card : docs) {
        if (card->job()->state() == DocumentationJob::State::Done || card->job()->state() == DocumentationJob::State::Cancelled)
            remove(card);
    }
}

void UploadPage::updateBar()
{
    using State = UploadJob::State;
    const auto count = [this](State state) {
        return static_cast<int>(std::count_if(m_cards.cbegin(), m_cards.cend(), [state](const UploadCard *card) { return card->job()->state() == state; }));
    };
    using Docs = DocumentationJob::State;
    const auto docs = [this](Docs state) {
        return static_cast<int>(std::count_if(m_docs.cbegin(), m_docs.cend(), [state](const DocumentationCard *card) { return card->job()->state() == state; }));
    };
    const int ready = count(State::Ready) +
        static_cast<int>(std::count_if(m_docs.cbegin(), m_docs.cend(), [](const DocumentationCard *card) {
            return card->job()->state() == Docs::Ready && card->isReady();
        }));
    const int sending = count(State::Sending) + docs(Docs::Sending);
    const int blocked = count(State::Blocked) + count(State::Refused) + docs(Docs::Blocked) + docs(Docs::Refused);
    const int done = count(State::Done) + docs(Docs::Done);
    const bool none = m_cards.isEmpty() && m_docs.isEmpty();
    QStringList parts;
    if (ready > 0)
        parts << tr("%n ready", nullptr, ready);
    if (sending > 0)
        parts << tr("%n on the way", nullptr, sending);
    if (blocked > 0)
        parts << tr("%n to mend", nullptr, blocked);
    if (done > 0)
        parts << tr("%n uploaded", nullptr, done);
    m_summary->setText(none ? tr("No files chosen yet") : parts.join(QStringLiteral(" · ")));
    m_sendAll->setText(ready > 0 ? tr("&Upload %n file(s)", nullptr, ready) : tr("&Upload what is ready"));
    // Nothing to list: the whole page is the place to drop on.
    m_scroll->setVisible(!none);
    m_area->setRoomy(none);
    m_sendAll->setEnabled(ready > 0);
    m_clear->setEnabled(done + count(State::Cancelled) + docs(Docs::Cancelled) > 0);
}

}  // namespace cm::ui
