// SPDX-License-Identifier: GPL-3.0-or-later
// Two fields for size limits in megabytes and gigabytes; the lowest step is the registry's default.
// The fields are owned by the sheet they are put into. GUI thread.
#pragma once

#include <QObject>

#include <cstdint>
#include <optional>

class QDoubleSpinBox;
class QWidget;

namespace cm::ui {

class LimitsForm : public QObject {
    Q_OBJECT
public:
    // Bytes; absent: the registry's default.
    LimitsForm(std::optional<std::int64_t> fileLimit, std::optional<std::int64_t> totalLimit, QObject *parent);

    [[nodiscard]] QWidget *fileField() const;
    [[nodiscard]] QWidget *totalField() const;
    [[nodiscard]] std::optional<std::int64_t> fileLimit() const;
    [[nodiscard]] std::optional<std::int64_t> totalLimit() const;

private:
    QDoubleSpinBox *m_file;
    QDoubleSpinBox *m_total;
};

}  // namespace cm::ui
