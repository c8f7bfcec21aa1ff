// SPDX-License-Identifier: GPL-3.0-or-later
// A page around one lazy list: asks for it when it is shown first, again when somebody wants to or a live event
// concerns it, and says what failed. GUI thread.
#pragma once

#include "ui/shell/page.h"

#include <QTimer>

namespace cm::ui {

class LazyWindowModel;

class ListPage : public Page {
    Q_OBJECT
public:
    explicit ListPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) final;
    void refresh() override;
    void onEvent(const api::Event &event) override;

protected:
    // Once, before the page is shown; the list is the page's.
    void follow(LazyWindowModel *list);
    // Where the route leads within the page; before the list is asked for the first time.
    virtual void point(const Route &route);
    // The list came: fills the page, or says what would be here.
    virtual void onLoaded() = 0;
    // What else is read with it.
    virtual void readBeside();
    [[nodiscard]] virtual bool concerns(const api::Event &event) const;
    // Several wishes within a moment are one.
    void readSoon();
    [[nodiscard]] bool isAsked() const { return m_asked; }

private:
    void readAgain();

    LazyWindowModel *m_list = nullptr;
    QTimer m_soon;
    bool m_asked = false;
};

}  // namespace cm::ui
