// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/inspector_page.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/format.h"
#include "ui/pages/inspector/code_view.h"
#include "ui/pages/inspector/member_tree.h"
#include "ui/shell/shell.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/cell_delegate.h"
#include "ui/widgets/elided_label.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QTreeView>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr qint64 largestText = 20LL * 1024 * 1024;

}  // namespace

PageFactory inspectorPage()
{
    return {QStringLiteral("inspector"), InspectorPage::tr("Inspector"), Section::Moderate, {}, true, false,
            [](const PageContext &context) { return new InspectorPage(context); }};
}

InspectorPage::InspectorPage(const PageContext &context, QWidget *parent)
    : Page(context, parent), m_tree(new MemberTree(this)), m_findNext(new QAction(tr("Find &next"), this)),
      m_findPrevious(new QAction(tr("Find &previous"), this)), m_copyPath(new QAction(tr("&Copy member path"), this)),
      m_browse(new QAction(tr("&Choose a file in Projects"), this))
{
    m_findNext->setShortcut(QKeySequence::FindNext);
    m_findPrevious->setShortcut(QKeySequence::FindPrevious);
    connect(m_findNext, &QAction::triggered, this, [this] { findNext(false); });
    connect(m_findPrevious, &QAction::triggered, this, [this] { findNext(true); });
    connect(m_copyPath, &QAction::triggered, this, [this] { QApplication::clipboard()->setText(m_path); });
    connect(m_browse, &QAction::triggered, this, [this] { this->context().shell.go({QStringLiteral("projects"), {}}); });
    m_copyPath->setEnabled(false);
    setTitle(tr("Inspector"));
    setContent(build());
}

QWidget *InspectorPage::build()
{
    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(metrics::gap);
    splitter->addWidget(buildTree());
    splitter->addWidget(buildSource());
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({360, 860});
    return splitter;
}

QWidget *InspectorPage::buildTree()
{
    auto *card = new Card(tr("Archive"));
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    m_fileName = new ElidedLabel({}, ElidedLabel::Kind::Identifier);
    m_treeNote = new QLabel;
    m_treeNote->setForegroundRole(QPalette::PlaceholderText);
    m_treeNote->setWordWrap(true);
    m_open = new QLineEdit;
    m_open->setAccessibleName(tr("Open another file by its name"));
    auto *openLabel = new QLabel(tr("Open another file by its na&me"));
    openLabel->setWordWrap(true);
    openLabel->setBuddy(m_open);
    m_open->setClearButtonEnabled(true);
    connect(m_open, &QLineEdit::returnPressed, this, &InspectorPage::openTyped);

    m_view = new QTreeView;
    m_view->setModel(m_tree);
    m_view->setItemDelegate(new CellDelegate(m_view));
    m_view->setUniformRowHeights(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setTabKeyNavigation(false);
    m_view->setIndentation(14);
    m_view->setAccessibleName(tr("Members of the archive"));
    m_view->header()->setStretchLastSection(false);
    m_view->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_view->header()->setSectionResizeMode(1, QHeaderView::Fixed);
    m_view->header()->resizeSection(1, std::max(84, fontMetrics().horizontalAdvance(tr("Size")) + 32));
    m_view->addAction(m_copyPath);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &index) {
        if (m_tree->isFile(index))
            readMember(text(m_tree->member(index)->path));
    });
    layout->addWidget(m_fileName);
    layout->addWidget(m_treeNote);
    layout->addWidget(m_view, 1);
    layout->addWidget(openLabel);
    layout->addWidget(m_open);
    card->setContent(inner);
    return card;
}

QWidget *InspectorPage::buildSource()
{
    auto *card = new Card;
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    auto *top = new QHBoxLayout;
    m_memberName = new ElidedLabel({}, ElidedLabel::Kind::Identifier);
    m_sourceNote = new QLabel;
    m_sourceNote->setForegroundRole(QPalette::PlaceholderText);
    top->addWidget(m_memberName, 1);
    top->addWidget(m_sourceNote);
    layout->addLayout(top);

    m_code = new CodeView;
    m_code->setAccessibleName(tr("Source of the member"));
    m_sourceFaces = new FacesStack;
    m_sourceFaces->setContent(m_code);
    m_sourceFaces->showEmpty(tr("No member chosen"), tr("Its source appears here."));
    layout->addWidget(m_sourceFaces, 1);

    auto *bar = new QHBoxLayout;
    m_find = new QLineEdit;
    m_find->setClearButtonEnabled(true);
    auto *label = new QLabel(tr("Find in s&ource"));
    label->setBuddy(m_find);
    m_find->setAccessibleName(tr("Find in source"));
    m_findNote = new QLabel;
    m_findNote->setForegroundRole(QPalette::PlaceholderText);
    connect(m_find, &QLineEdit::returnPressed, this, [this] { findNext(false); });
    bar->addWidget(label);
    bar->addWidget(m_find, 1);
    bar->addWidget(actionButton(m_findPrevious));
    bar->addWidget(actionButton(m_findNext));
    bar->addWidget(m_findNote);
    layout->addLayout(bar);
    connect(m_code, &CodeView::completed, this, &InspectorPage::tellSource);
    connect(m_code, &CodeView::languageKnown, this, &InspectorPage::tellSource);
    card->setContent(inner);
    return card;
}

void InspectorPage::activate(const Route &route)
{
    if (route.subject.isEmpty()) {
        if (m_file.isEmpty())
            faces()->showEmpty(tr("No file chosen"), tr("Choose a file of a release in Projects; what lies inside it is shown here."), m_browse);
        return;
    }
    const QString file = route.subject.section(QLatin1Char('/'), 0, 0);
    m_wantedPath = route.subject.section(QLatin1Char('/'), 1);
    if (file == m_file) {
        if (const QModelIndex index = m_wantedPath.isEmpty() ? QModelIndex() : m_tree->indexOf(m_wantedPath); index.isValid())
            m_view->setCurrentIndex(index);
        return;
    }
    m_file = file;
    m_path.clear();
    m_member.drop();
    m_code->clearSource();
    m_memberName->setText({});
    m_sourceNote->clear();
    m_sourceFaces->showEmpty(tr("No member chosen"), tr("Its source appears here."));
    setTitle(file);
    faces()->showLoading();
    readListing();
}

void InspectorPage::refresh()
{
    // The bytes of a file never change: only what could not be read is read again.
    if (!m_file.isEmpty() && faces()->face() != Face::Filled && faces()->face() != Face::Stale)
        readListing();
}

void InspectorPage::readListing()
{
    m_listing.start(this, context().client.call(api::endpoints::listMembers, {m_file.toStdString()}),
                    [this](const Result<api::ArchiveListing> &answer) {
                        if (answer)
                            showListing(*answer);
                        else
                            faces()->showError(answer.error(), [this] { readListing(); });
                    });
}

void InspectorPage::showListing(const api::ArchiveListing &listing)
{
    m_fileName->setText(text(listing.filename));
    m_tree->setListing(listing);
    QString note = tr("%n file(s), %1 unpacked", nullptr, static_cast<int>(m_tree->files())).arg(formatBytes(m_tree->bytes()));
    if (listing.truncated)
        note += tr(" · the list was cut at the registry's limit");
    m_treeNote->setText(note);
    faces()->showContent();
    m_view->expandToDepth(m_tree->files() > 400 ? 0 : 1);
    const QModelIndex wanted = m_wantedPath.isEmpty() ? QModelIndex() : m_tree->indexOf(m_wantedPath);
    const QModelIndex first = wanted.isValid() ? wanted : m_tree->firstToRead();
    m_view->setCurrentIndex(first);
    m_view->scrollTo(first, QAbstractItemView::PositionAtCenter);
    m_view->setFocus();
}

void InspectorPage::readMember(const QString &path)
{
    if (path == m_path)
        return;
    m_path = path;
    m_copyPath->setEnabled(true);
    m_memberName->setText(path);
    m_sourceNote->clear();
    m_code->clearSource();
    m_sourceFaces->showLoading();
    m_member.start(this, context().client.call(api::endpoints::readMember, {m_file.toStdString(), path.toStdString()}),
                   [this](const Result<api::MemberContent> &answer) {
                       if (answer) {
                           showMember(*answer);
                           return;
                       }
                       m_sourceFaces->showError(answer.error(), [this] {
                           const QString again = std::exchange(m_path, QString());
                           readMember(again);
                       });
                   });
}

void InspectorPage::showMember(const api::MemberContent &content)
{
    m_size = content.size;
    m_truncated = content.truncated;
    if (content.binary) {
        m_sourceNote->setText(formatBytes(content.size));
        m_sourceFaces->showEmpty(tr("Binary content"), tr("%1 that are not text are not shown.").arg(formatBytes(content.size)));
        return;
    }
    QString source = text(content.text);
    if (source.size() > largestText) {
        source.truncate(largestText);
        m_truncated = true;
    }
    m_code->setSource(m_path, source);
    m_sourceFaces->showContent();
    tellSource();
}

void InspectorPage::tellSource()
{
    QStringList parts{formatBytes(m_size)};
    if (!m_code->language().isEmpty())
        parts << m_code->language();
    if (m_code->brokenLines() > 0)
        parts << tr("long lines are broken at 1,000 characters");
    if (m_truncated)
        parts << tr("only the beginning is shown");
    m_sourceNote->setText(parts.join(QStringLiteral(" · ")));
}

void InspectorPage::findNext(bool backwards)
{
    const QString wanted = m_find->text();
    if (wanted.isEmpty()) {
        m_find->setFocus();
        return;
    }
    const auto flags = backwards ? QTextDocument::FindFlags(QTextDocument::FindBackward) : QTextDocument::FindFlags();
    m_findNote->clear();
    if (m_code->find(wanted, flags))
        return;
    // Once around.
    const QTextCursor before = m_code->textCursor();
    m_code->moveCursor(backwards ? QTextCursor::End : QTextCursor::Start);
    if (!m_code->find(wanted, flags)) {
        m_code->setTextCursor(before);
        m_findNote->setText(tr("Not found"));
    }
}

void InspectorPage::openTyped()
{
    if (const QString name = m_open->text().trimmed(); !name.isEmpty())
        context().shell.go({QStringLiteral("inspector"), name});
}

QList<QAction *> InspectorPage::pageActions() const
{
    return {m_browse, m_copyPath, m_findNext, m_findPrevious};
}

void InspectorPage::find()
{
    m_find->setFocus();
    m_find->selectAll();
}

bool InspectorPage::stepBack()
{
    if (!m_code->hasFocus() && !m_find->hasFocus())
        return false;
    m_view->setFocus();
    return true;
}

}  // namespace cm::ui
