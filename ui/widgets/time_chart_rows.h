// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of a TimeChart for people who read rather than look: one row a moment, one column a
// series, what happened in the last. Owned by the chart, GUI thread.
#pragma once

#include "ui/widgets/time_chart.h"

#include <QAbstractTableModel>

namespace cm::ui {

class TimeChart::Rows : public QAbstractTableModel {
public:
    Rows(const TimeChart &owner, QObject *parent) : QAbstractTableModel(parent), m_owner(owner) {}

    // Nobody reads them now: they are made when somebody does.
    void changed();
    // Makes them, where something has changed since.
    void refresh();
    [[nodiscard]] QString text() const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] QString cell(std::size_t row, int column) const;
    // Where the bucket ends that begins at a moment; nothing: none does.
    [[nodiscard]] std::optional<double> bucketEnd(double at) const;
    // Whether the row of a bucket tells what lies there.
    [[nodiscard]] bool isInRow(double at) const;
    [[nodiscard]] QString happened(double at) const;

    const TimeChart &m_owner;
    std::vector<double> m_moments;  // newest first
    bool m_stale = false;
};

}  // namespace cm::ui
