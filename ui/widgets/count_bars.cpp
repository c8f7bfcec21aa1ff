// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/count_bars.h"

#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/labels.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr int barHeight = 14;
constexpr int barWidth = 80;

}  // namespace

class CountBars::Bar : public QWidget {
public:
    explicit Bar(QWidget *parent) : QWidget(parent)
    {
        setFixedHeight(barHeight);
        setMinimumWidth(barWidth / 2);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
    void set(double share, std::size_t slot)
    {
        m_share = share;
        m_slot = slot;
        update();
    }
    [[nodiscard]] QSize sizeHint() const override { return {barWidth, barHeight}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        if (m_share <= 0)
            return;
        const Colors colors = colorsOf(palette());
        QPainter painter(this);
        // Something is never drawn as nothing.
        const double length = std::max(3.0, m_share * width());
        painter.fillRect(QRectF(isRightToLeft() ? width() - length : 0, 0, length, height()), colors.series[m_slot % colors.series.size()]);
    }

private:
    double m_share = 0;
    std::size_t m_slot = 0;
};

CountBars::CountBars(const QString &name, QWidget *parent) : QWidget(parent), m_grid(new QGridLayout(this))
{
    setAccessibleName(name);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(2 * metrics::unit);
    m_grid->setVerticalSpacing(2 * metrics::unit);
    m_grid->setColumnStretch(1, 2);
    m_grid->setColumnStretch(3, 3);
}

void CountBars::setRows(const QList<Row> &rows)
{
    if (rows == m_rows)
        return;
    m_rows = rows;
    while (m_lines.size() > rows.size()) {
        const Line line = m_lines.takeLast();
        for (QWidget *part : {static_cast<QWidget *>(line.name), static_cast<QWidget *>(line.bar), static_cast<QWidget *>(line.figure), static_cast<QWidget *>(line.words)})
            delete part;
    }
    while (m_lines.size() < rows.size()) {
        const Line line{wrappedLabel(this), new Bar(this), new QLabel(this), wrappedLabel(this)};
        line.words->setForegroundRole(QPalette::PlaceholderText);
        const int row = static_cast<int>(m_lines.size());
        m_grid->addWidget(line.name, row, 0);
        m_grid->addWidget(line.bar, row, 1);
        m_grid->addWidget(line.figure, row, 2);
        m_grid->addWidget(line.words, row, 3);
        m_lines.append(line);
    }
    double greatest = 0;
    for (const Row &row : rows)
        greatest = std::max(greatest, row.value.value_or(0));
    QStringList said;
    for (qsizetype i = 0; i < rows.size(); ++i) {
        const Row &row = rows[i];
        m_lines[i].name->setText(row.name);
        m_lines[i].bar->set(greatest > 0 ? row.value.value_or(0) / greatest : 0, row.slot);
        m_lines[i].figure->setText(row.figure);
        m_lines[i].words->setText(row.words);
        said << (row.words.isEmpty() ? QStringLiteral("%1 %2").arg(row.name, row.figure) : QStringLiteral("%1 %2, %3").arg(row.name, row.figure, row.words));
    }
    setAccessibleDescription(said.join(QStringLiteral("; ")));
}

}  // namespace cm::ui
