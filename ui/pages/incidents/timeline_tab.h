// SPDX-License-Identifier: GPL-3.0-or-later
// What changed when, newest first, of any length: verdicts, alerts, silences, deliveries, monitors, and what was done to the
// registry, with filters. GUI thread.
#pragma once

#include "ui/models/lazy_table_model.h"
#include "ui/pages/incidents/timeline_events.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QComboBox;
class QLabel;

namespace cm::ui {

class DataTable;
class SearchField;

class TimelineTab : public QWidget {
    Q_OBJECT
public:
    explicit TimelineTab(const PageContext &context, QWidget *parent = nullptr);

    // Reads again what is in sight, selection and place kept.
    void read();
    void forget();
    void find();
    // The beginning of the span that is shown; absent: all of it.
    [[nodiscard]] std::optional<Time> from() const { return m_from; }

Q_SIGNALS:
    void opened(const QString &node);

private:
    using Model = LazyTableModel<api::TimelineEvent>;

    void build();
    void connectSignals();
    void showCount();
    [[nodiscard]] api::ListTimeline request() const;

    PageContext m_context;
    TimelineEvents *m_events;
    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    SearchField *m_node = nullptr;
    QComboBox *m_kind = nullptr;
    QComboBox *m_period = nullptr;
    QLabel *m_count = nullptr;
    std::optional<Time> m_from;
    qint64 m_total = 0;
    bool m_asked = false;
};

}  // namespace cm::ui
