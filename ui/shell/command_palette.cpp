// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_palette.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/format.h"
#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"

#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

enum Role { TargetRole = Qt::UserRole + 1 };

// The letters of `wanted` in their order somewhere in `text`.
bool matches(const QString &text, const QString &wanted)
{
    qsizetype at = 0;
    for (const QChar letter : wanted) {
        at = text.indexOf(letter, at, Qt::CaseInsensitive);
        if (at < 0)
            return false;
        ++at;
    }
    return true;
}

QString plain(QString text)
{
    return text.remove(QLatin1Char('&'));
}

}  // namespace

CommandPalette::CommandPalette(AdminClient &client, const PageRegistry &registry, QWidget *parent)
    : QFrame(parent), m_client(client), m_registry(registry), m_field(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setAccessibleName(tr("Go to anything"));
    m_field->setPlaceholderText(tr("Page, action or project"));
    m_field->setAccessibleName(tr("Page, action or project"));
    m_list->setAccessibleName(tr("Found"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 10, 10, 10);
    layout->addWidget(m_field);
    layout->addWidget(m_list, 1);
    m_field->installEventFilter(this);
    m_searchSoon.setSingleShot(true);
    m_searchSoon.setInterval(120);
    connect(m_field, &QLineEdit::textChanged, this, [this] {
        m_projects.clear();
        m_search.drop();
        fill();
        m_searchSoon.start();
    });
    connect(&m_searchSoon, &QTimer::timeout, this, &CommandPalette::searchProjects);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::take);
    hide();
}

void CommandPalette::open(const QList<QAction *> &actions)
{
    m_before = QApplication::focusWidget();
    m_actions = actions;
    m_field->clear();
    m_projects.clear();
    fill();
    const QRect room = parentWidget()->rect();
    const int width = std::min(640, room.width() - 40);
    const int height = std::min(420, room.height() - 80);
    setGeometry((room.width() - width) / 2, 52, width, height);
    show();
    raise();
    m_field->setFocus();
}

void CommandPalette::addEntry(const QString &text, const QString &kind, const QVariant &target, bool identifier)
{
    auto *item = new QListWidgetItem(QStringLiteral("%1    %2").arg(identifier ? ltr(text) : text, kind), m_list);
    item->setData(TargetRole, target);
    item->setSizeHint({0, std::max(metrics::rowHeight, fontMetrics().height() + 10)});
}

void CommandPalette::fill()
{
    const QString wanted = m_field->text().trimmed();
    m_list->clear();
    for (const PageFactory &page : m_registry.pages()) {
        if (page.inNavigation && matches(page.title, wanted))
            addEntry(page.title, tr("page"), page.id);
    }
    for (QAction *action : std::as_const(m_actions)) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        if (action->isEnabled() && !action->isSeparator() && !wanted.isEmpty() && matches(plain(action->text()), wanted))
            addEntry(plain(action->text()), keys.isEmpty() ? tr("action") : keys, QVariant::fromValue<QObject *>(action));
    }
    for (const QString &project : std::as_const(m_projects))
        addEntry(project, tr("project"), Route{QStringLiteral("project"), project}.text(), true);
    m_list->setCurrentRow(0);
}

void CommandPalette::searchProjects()
{
    const QString wanted = m_field->text().trimmed();
    if (wanted.size() < 2 || !m_registry.find({QStringLiteral("project"), {}}))
        return;
    api::ListProjects request;
    request.query = wanted.toStdString();
    request.limit = 12;
    m_search.start(this, m_client.call(api::endpoints::listProjects, request), [this](Result<api::Page<api::ProjectSummary>> answer) {
        if (!answer)
            return;
        for (const auto &project : answer->items)
            m_projects << text(project.name);
        fill();
    });
}

void CommandPalette::take()
{
    QListWidgetItem *item = m_list->currentItem();
    if (!item)
        return;
    const QVariant target = item->data(TargetRole);
    leave();
    if (auto *action = qobject_cast<QAction *>(target.value<QObject *>()))
        action->trigger();
    else
        Q_EMIT chosen(Route::parse(target.toString()));
}

void CommandPalette::leave()
{
    m_searchSoon.stop();
    m_search.drop();
    hide();
    if (m_before)
        m_before->setFocus();
}

void CommandPalette::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.accent);
    painter.setBrush(colors.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::cardRadius, metrics::cardRadius);
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::FocusOut && isVisible() && !isAncestorOf(QApplication::focusWidget()))
        hide();
    if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride)
        return QFrame::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent *>(event)->key();
    const bool ours = key == Qt::Key_Escape || key == Qt::Key_Down || key == Qt::Key_Up || key == Qt::Key_Return || key == Qt::Key_Enter;
    if (!ours)
        return false;
    event->accept();
    if (event->type() == QEvent::ShortcutOverride)
        return true;
    const int rows = m_list->count();
    if (key == Qt::Key_Escape)
        leave();
    else if (key == Qt::Key_Return || key == Qt::Key_Enter)
        take();
    else if (rows > 0)
        m_list->setCurrentRow((m_list->currentRow() + (key == Qt::Key_Down ? 1 : rows - 1)) % rows);
    return true;
}

}  // namespace cm::ui
