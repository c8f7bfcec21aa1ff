// SPDX-License-Identifier: GPL-3.0-or-later
// A page of the window. Made on its first show by its PageFactory, with everything it needs in the
// context; talks to the registry through context().client and whenDone(this, …). The window calls
// refresh() on F5, on reconnecting and when events were missed. GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/shell/page_context.h"
#include "ui/shell/route.h"
#include "ui/widgets/faces.h"

#include <QList>
#include <QUrl>
#include <QWidget>

class QAction;

namespace cm::ui {

class Page : public QWidget {
    Q_OBJECT
public:
    explicit Page(const PageContext &context, QWidget *parent = nullptr);

    // Also called when the page is up already and the route points elsewhere within it.
    virtual void activate(const Route &route) = 0;
    // Reads again what is on the screen, keeping selection, scroll position and typed text.
    virtual void refresh() = 0;
    // A live event; a page that it concerns refreshes.
    virtual void onEvent(const api::Event &event);
    // Likewise of the monitor.
    virtual void onMonitorEvent(const api::Event &event);
    // In the Actions menu, the palette and, where it has one, the table's context menu. Owned by the
    // page; enabled says whether they can be done now. Stable after construction.
    [[nodiscard]] virtual QList<QAction *> pageActions() const;
    // Ctrl+F.
    virtual void find();
    // Esc, after sheets and search fields have had it: true when the page went one step back itself.
    virtual bool stepBack();
    // Files dropped anywhere on the window, on the page that takes them.
    virtual void dropFiles(const QList<QUrl> &files);
    // The same on the page that is up, asked first: true when they are for what it shows.
    virtual bool takeFiles(const QList<QUrl> &files);

    [[nodiscard]] QString title() const { return m_title; }
    [[nodiscard]] const PageContext &context() const { return m_context; }
    // The page's faces; null for a page that has none (Settings).
    [[nodiscard]] FacesStack *faces() const { return m_faces; }

Q_SIGNALS:
    void titleChanged(const QString &title);

protected:
    // The filled face. The other faces come with it; stale follows the connection by itself.
    void setContent(QWidget *content);
    // A page whose content needs no registry.
    void setPlainContent(QWidget *content);
    void setTitle(const QString &title);
    // Whose silence makes the page stale: the registry's, unless a page lives from the monitor.
    [[nodiscard]] virtual const Connection &followed() const;
    // Looks at it again; by itself at every change of a connection.
    void followConnection();

private:
    PageContext m_context;
    QString m_title;
    FacesStack *m_faces = nullptr;
};

}  // namespace cm::ui
