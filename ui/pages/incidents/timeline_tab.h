// SPDX-License-Identifier: GPL-3.0-or-later
// What changed when, newest first, of any length: verdicts, alerts, silences, deliveries, monitors, with
// filters. GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/models/lazy_table_model.h"
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
    [[nodiscard]] api::ListTimeline request(qint64 offset, qint64 limit) const;

    PageContext m_context;
    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    SearchField *m_node = nullptr;
    QComboBox *m_kind = nullptr;
    QComboBox *m_period = nullptr;
    QLabel *m_count = nullptr;
    std::optional<Time> m_from;
    bool m_asked = false;
};

}  // namespace cm::ui
