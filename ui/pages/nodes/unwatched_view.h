// SPDX-License-Identifier: GPL-3.0-or-later
// What nobody watches, each in a sentence, and where another monitor of the same topology concludes
// something else. GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/models/list_table_model.h"

#include <QWidget>

class QVBoxLayout;

namespace cm::ui {

class Card;
class DataTable;

class UnwatchedView : public QWidget {
    Q_OBJECT
public:
    explicit UnwatchedView(QWidget *parent = nullptr);

    void setPeers(const api::MonitorComparison &comparison);
    void tick(const std::vector<std::string> &blindSpots, bool old, Time now);
    void clear();
    // Of blind spots and differences together.
    [[nodiscard]] qsizetype count() const;

private:
    // One difference, or a peer as a whole where it has none.
    struct Row {
        api::PeerMonitor peer;
        std::optional<api::MonitorDifference> difference;
    };
    using Peers = ListTableModel<Row>;

    void showSpots(bool old);

    std::vector<std::string> m_spots;
    QString m_shown;
    qsizetype m_differences = 0;
    bool m_old = false;
    Time m_now{};
    Card *m_spotCard;
    QVBoxLayout *m_lines;
    Card *m_peerCard;
    Peers *m_peers;
    DataTable *m_table;
};

}  // namespace cm::ui
