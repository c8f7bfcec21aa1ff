// SPDX-License-Identifier: GPL-3.0-or-later
// A page that lives from the monitor: without one it says what would be here and leads to Settings;
// with one it reads when shown, at each of the monitor's events and each second while it is in sight,
// nothing while it is hidden. Grows stale with the monitor's connection, not with the registry's.
// GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/freshness.h"
#include "ui/client/one_call.h"
#include "ui/shell/page.h"
#include "ui/shell/page_registry.h"

#include <QTimer>

namespace cm::ui {

class MonitorPage : public Page {
    Q_OBJECT
public:
    explicit MonitorPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    void refresh() override;
    void onMonitorEvent(const api::Event &event) override;

protected:
    // What would be here, while there is no monitor.
    struct EmptyWords {
        QString title;
        QString text;
    };
    [[nodiscard]] virtual EmptyWords withoutMonitor() const = 0;
    // Asks for what changes by itself, each second.
    virtual void poll() = 0;
    // Asks for everything on the page.
    virtual void readAll() = 0;
    // Ages grow although nothing new was heard.
    virtual void tick(Time now) = 0;
    // Another monitor is meant: what was known is about somebody else.
    virtual void forget() = 0;

    [[nodiscard]] const Connection &followed() const override;
    [[nodiscard]] AdminClient &monitor() const { return *context().monitor; }
    // The first answer of the one that carries the page: fills it, or says what failed while nothing is known.
    void answered(const Error *error);
    [[nodiscard]] bool isKnown() const { return m_known; }
    // Nothing on the page is about now: the connection is gone, or the monitor repeats itself.
    [[nodiscard]] bool isOld(Time now) const;
    Freshness &freshness() { return m_freshness; }
    // When something new was told last; absent: nothing yet.
    // `stamp`: the monitor's own time of what is shown, which may come from a file.
    [[nodiscard]] std::optional<Time> toldLast(Time stamp) const;
    [[nodiscard]] Time now() const { return context().clock.now(); }

    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void onChosen();
    void showWithout();

    QAction *m_toSettings;
    QTimer m_poll;
    QTimer m_soon;
    Freshness m_freshness;
    bool m_asked = false;
    bool m_known = false;
};

}  // namespace cm::ui
