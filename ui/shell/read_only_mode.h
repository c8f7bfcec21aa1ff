// SPDX-License-Identifier: GPL-3.0-or-later
// The registry's read-only mode in a window: the banner while it holds, the sheets that order and end it, and
// their actions. Owned by its window, GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/client/one_call.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <QTimer>
#include <QWidget>

class QAction;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace cm::ui {

class VerdictBanner;

class ReadOnlySheet : public ActionSheet {
    Q_OBJECT
public:
    explicit ReadOnlySheet(const PageContext &context, QWidget *parent = nullptr);
    [[nodiscard]] Time until() const;
    [[nodiscard]] QString message() const;

private:
    void choose();
    void showPlan();

    PageContext m_context;
    QComboBox *m_span;
    QSpinBox *m_minutes;
    QLineEdit *m_message;
};

// Takes no room while the registry takes changes. Where a monitor watches the nodes it says which of them refuse
// changes by now, and goes on asking until all do.
class ReadOnlyBanner : public QWidget {
    Q_OBJECT
public:
    ReadOnlyBanner(const PageContext &context, QWidget *parent = nullptr);

    // For the menu: only what the person's role allows and the registry's state leaves.
    [[nodiscard]] QList<QAction *> menuActions() const;

private:
    void follow();
    void showMode(const api::ReadOnlyMode &mode);
    void watchNodes(bool holds);
    void look();
    void onState(const api::MonitorState &state);
    void offer();
    void offerEnd();

    PageContext m_context;
    VerdictBanner *m_banner;
    QAction *m_order;
    QAction *m_end;
    QTimer m_look;
    OneCall m_states;
    // Web nodes, as the monitor sees them; both empty: nobody has told.
    QStringList m_refusing;
    QStringList m_others;
};

}  // namespace cm::ui
