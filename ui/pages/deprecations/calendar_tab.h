// SPDX-License-Identifier: GPL-3.0-or-later
// Brown-outs of all records in a month, so that no two meet; those of the chosen record stand out. Records are read while
// the calendar is looked at, each again only when it has changed; those of another registry are forgotten. T shows the
// same as a table. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QHash>
#include <QWidget>

class QAction;
class QLabel;
class QStackedLayout;

namespace cm::ui {

class DataTable;
class WindowCalendar;

class CalendarTab : public QWidget {
    Q_OBJECT
public:
    explicit CalendarTab(const PageContext &context, QWidget *parent = nullptr);

    void setList(const api::DeprecationList &list);
    // The chosen one, as it was read anew.
    void setRecord(const api::DeprecationRecord &record);
    [[nodiscard]] QAction *tableAction() const { return m_asTable; }

Q_SIGNALS:
    // The record of a window is wanted.
    void opened(std::int64_t deprecation);

protected:
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Held {
        api::DeprecationSummary summary;
        // Absent: not read yet, or it could not be.
        std::optional<std::vector<api::BrownOut>> brownOuts;
        QString problem;
        bool outdated = true;
    };
    struct Row {
        std::int64_t deprecation = 0;
        QString title;
        api::BrownOut brownOut;
        bool chosen = false;
        QStringList collidesWith;
    };

    QWidget *buildHead();
    QWidget *buildTable();
    void forget();
    void readNext();
    void redraw();
    void tellDay();
    [[nodiscard]] QList<Row> rows() const;
    static QString keyOf(const Row &row);
    static QString wordsOf(const Row &row);

    PageContext m_context;
    QHash<std::int64_t, Held> m_held;
    std::int64_t m_chosen = 0;
    bool m_reading = false;
    LatestCall m_call;
    QLabel *m_month;
    WindowCalendar *m_calendar;
    ListTableModel<Row> *m_model;
    DataTable *m_table;
    QStackedLayout *m_stack;
    QLabel *m_words;
    QLabel *m_unread;
    QAction *m_asTable;
};

}  // namespace cm::ui
