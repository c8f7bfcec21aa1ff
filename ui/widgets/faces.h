// SPDX-License-Identifier: GPL-3.0-or-later
// The five faces of a page or card: loading (a skeleton, after 150 ms), empty, error, filled, and
// stale (filled, greyed, with its age). GUI thread.
#pragma once

#include "core/base/result.h"

#include <QList>
#include <QPointer>
#include <QTimer>
#include <QWidget>

#include <chrono>
#include <functional>
#include <optional>

class QAction;
class QStackedLayout;

namespace cm::ui {

class EmptyState;
class ErrorState;
class Skeleton;
class StaleStrip;

enum class Face { Loading, Empty, Error, Filled, Stale };

class FacesStack : public QWidget {
    Q_OBJECT
public:
    explicit FacesStack(QWidget *parent = nullptr);

    // The filled face; owned from now on.
    void setContent(QWidget *content);
    [[nodiscard]] QWidget *content() const { return m_content; }
    [[nodiscard]] Face face() const;

    // Nothing is drawn for 150 ms; what was filled stays filled while it is read again.
    void showLoading();
    // What would be here, and the first step towards it (may be null).
    void showEmpty(const QString &title, const QString &text, QAction *firstStep = nullptr);
    void showError(const Error &error, std::function<void()> retry);
    void showContent();
    // The focus goes there as soon as the content is shown, unless somebody has moved it meanwhile.
    void focusContent(QWidget *widget);
    // The connection is gone: everything stays readable, greyed, with its age.
    void setStale(bool stale, std::optional<std::chrono::microseconds> age = std::nullopt);
    // Parts of the content that are about now although the connection is gone: they are not greyed.
    void setFresh(const QList<QWidget *> &parts);

Q_SIGNALS:
    void faceChanged();

private:
    void change(QWidget *face, Face name);
    void build();

    QStackedLayout *m_stack;
    QWidget *m_blank;
    Skeleton *m_skeleton;
    EmptyState *m_empty;
    ErrorState *m_error;
    StaleStrip *m_stale;
    class Veil;
    Veil *m_veil;
    QWidget *m_content = nullptr;
    QPointer<QWidget> m_focusNext;
    QPointer<QWidget> m_focusThen;
    QTimer m_skeletonSoon;
    Face m_face = Face::Loading;
    bool m_isStale = false;
};

}  // namespace cm::ui
