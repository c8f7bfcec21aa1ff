// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of one window: makes each on its first show, keeps the way back, holds the sheet at the
// side and the undo bar, hands on refreshes, events and dropped files. Owned by its window.
#pragma once

#include "ui/shell/page_registry.h"

#include <QHash>
#include <QPointer>
#include <QSet>
#include <QWidget>

class QHBoxLayout;
class QStackedWidget;

namespace cm::ui {

class ActionSheet;
class UndoBar;

class PageStack : public QWidget {
    Q_OBJECT
public:
    PageStack(const PageContext &context, const PageRegistry &registry, QWidget *parent = nullptr);

    // False where no page answers to the route.
    bool go(const Route &route);
    void goBack();
    void goForward();
    [[nodiscard]] bool canGoBack() const { return !m_back.isEmpty(); }
    [[nodiscard]] bool canGoForward() const { return !m_forward.isEmpty(); }
    [[nodiscard]] const Route &route() const { return m_route; }
    // Null before the first route.
    [[nodiscard]] Page *current() const;
    // Null when it was not made yet.
    [[nodiscard]] Page *made(const QString &pageId) const { return m_pages.value(pageId); }
    // Beside the page, or over its end where that leaves it too little room.
    void showSheet(ActionSheet *sheet);
    void offerUndo(const QString &text, std::function<void()> undo);
    void dropFiles(const QList<QUrl> &files);
    // Esc: sheet, page, way back, in this order.
    void escape();
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void routeChanged();

protected:
    bool event(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void change(const Route &route, const PageFactory &factory);
    void onReset();
    void placeUndoBar();
    [[nodiscard]] bool isBeside(const QWidget &sheet) const;
    void placeSheet();

    PageContext m_context;
    const PageRegistry &m_registry;
    QHBoxLayout *m_row;
    QStackedWidget *m_stack;
    UndoBar *m_undo;
    QPointer<ActionSheet> m_sheet;
    QHash<QString, Page *> m_pages;
    QSet<QString> m_outdated;
    QList<Route> m_back;
    QList<Route> m_forward;
    Route m_route;
};

}  // namespace cm::ui
