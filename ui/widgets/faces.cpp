// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/faces.h"

#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_state.h"
#include "ui/widgets/skeleton.h"
#include "ui/widgets/stale_overlay.h"

#include <QStackedLayout>

namespace cm::ui {

FacesStack::FacesStack(QWidget *parent)
    : QWidget(parent), m_stack(new QStackedLayout(this)), m_blank(new QWidget(this)), m_skeleton(new Skeleton(this)),
      m_empty(new EmptyState(this)), m_error(new ErrorState(this)), m_stale(new StaleOverlay(this))
{
    for (QWidget *face : {m_blank, static_cast<QWidget *>(m_skeleton), static_cast<QWidget *>(m_empty), static_cast<QWidget *>(m_error)})
        m_stack->addWidget(face);
    m_skeletonSoon.setSingleShot(true);
    m_skeletonSoon.setInterval(150);
    connect(&m_skeletonSoon, &QTimer::timeout, this, [this] { m_stack->setCurrentWidget(m_skeleton); });
}

void FacesStack::setContent(QWidget *content)
{
    m_content = content;
    m_stack->addWidget(content);
    m_stale->raise();
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
    m_stale->raise();
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
    if (m_content)
        change(m_content, Face::Filled);
}

void FacesStack::setStale(bool stale, std::optional<std::chrono::microseconds> age)
{
    m_stale->setAge(age);
    m_stale->setVisible(stale);
    if (stale)
        m_stale->raise();
    if (stale == m_isStale)
        return;
    m_isStale = stale;
    Q_EMIT faceChanged();
}

}  // namespace cm::ui
