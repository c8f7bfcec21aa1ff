// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/faces.h"

#include "ui/theme/colors.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_state.h"
#include "ui/widgets/skeleton.h"
#include "ui/widgets/stale_strip.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <utility>

namespace cm::ui {

// Lies over its parent, lets every click through and greys what is below.
class FacesStack::Veil : public QWidget {
public:
    explicit Veil(QWidget *parent) : QWidget(parent)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
        hide();
        parent->installEventFilter(this);
    }
    void setFresh(const QList<QWidget *> &parts)
    {
        const QList<QPointer<QWidget>> fresh(parts.begin(), parts.end());
        if (fresh == m_fresh)
            return;
        m_fresh = fresh;
        update();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QColor color = colorsOf(palette()).window;
        color.setAlphaF(0.45F);
        QRegion greyed(rect());
        for (const QPointer<QWidget> &part : std::as_const(m_fresh)) {
            if (part && part->isVisible() && parentWidget()->isAncestorOf(part))
                greyed -= QRect(part->mapTo(parentWidget(), QPoint(0, 0)), part->size());
        }
        QPainter painter(this);
        painter.setClipRegion(greyed);
        painter.fillRect(rect(), color);
    }
    void showEvent(QShowEvent *) override { setGeometry(parentWidget()->rect()); }
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
            setGeometry(parentWidget()->rect());
        return QWidget::eventFilter(watched, event);
    }

private:
    QList<QPointer<QWidget>> m_fresh;
};

FacesStack::FacesStack(QWidget *parent) : QWidget(parent)
{
    build();
    m_skeletonSoon.setSingleShot(true);
    m_skeletonSoon.setInterval(150);
    connect(&m_skeletonSoon, &QTimer::timeout, this, [this] { m_stack->setCurrentWidget(m_skeleton); });
}

void FacesStack::build()
{
    m_stale = new StaleStrip;
    auto *below = new QWidget;
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_stale);
    column->addWidget(below, 1);
    m_stale->hide();
    m_stack = new QStackedLayout(below);
    m_blank = new QWidget;
    m_skeleton = new Skeleton;
    m_empty = new EmptyState;
    m_error = new ErrorState;
    for (QWidget *face : {m_blank, static_cast<QWidget *>(m_skeleton), static_cast<QWidget *>(m_empty), static_cast<QWidget *>(m_error)})
        m_stack->addWidget(face);
    m_veil = new Veil(below);
}

void FacesStack::setContent(QWidget *content)
{
    m_content = content;
    m_stack->addWidget(content);
    m_veil->raise();
}

Face FacesStack::face() const
{
    return m_face == Face::Filled && m_isStale ? Face::Stale : m_face;
}

void FacesStack::change(QWidget *face, Face name)
{
    m_skeletonSoon.stop();
    m_stack->setCurrentWidget(face);
    // The stack raises what it shows.
    m_veil->raise();
    if (name == m_face)
        return;
    m_face = name;
    Q_EMIT faceChanged();
}

void FacesStack::showLoading()
{
    if (m_face == Face::Filled || m_face == Face::Empty || m_skeletonSoon.isActive())
        return;
    if (m_stack->currentWidget() == m_skeleton)
        return;
    change(m_blank, Face::Loading);
    m_skeletonSoon.start();
}

void FacesStack::showEmpty(const QString &title, const QString &text, QAction *firstStep)
{
    m_empty->setWords(title, text, firstStep);
    change(m_empty, Face::Empty);
}

void FacesStack::showError(const Error &error, std::function<void()> retry)
{
    m_error->setError(error, std::move(retry));
    change(m_error, Face::Error);
}

void FacesStack::showContent()
{
    if (!m_content)
        return;
    change(m_content, Face::Filled);
    if (QWidget *next = std::exchange(m_focusNext, nullptr); next && (!m_focusThen || QApplication::focusWidget() == m_focusThen))
        next->setFocus(Qt::OtherFocusReason);
}

void FacesStack::focusContent(QWidget *widget)
{
    if (m_stack->currentWidget() == m_content) {
        widget->setFocus(Qt::OtherFocusReason);
        return;
    }
    m_focusNext = widget;
    m_focusThen = QApplication::focusWidget();
}

void FacesStack::setFresh(const QList<QWidget *> &parts)
{
    m_veil->setFresh(parts);
    m_stale->setPartly(!parts.isEmpty());
}

void FacesStack::setStale(bool stale, std::optional<std::chrono::microseconds> age)
{
    m_stale->setAge(age);
    m_stale->setVisible(stale);
    m_veil->setVisible(stale);
    m_veil->raise();
    if (stale == m_isStale)
        return;
    m_isStale = stale;
    Q_EMIT faceChanged();
}

}  // namespace cm::ui
