// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/share_strip.h"

#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/time_chart.h"

#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr int barHeight = 14;
constexpr double leastWidth = 2;  // of a part that is there, however small

void fillPart(QPainter &painter, const QRectF &place, const ShareStrip::Part &part, const Colors &colors)
{
    if (!part.hatched) {
        painter.fillRect(place, colors.series[part.slot % colors.series.size()]);
        return;
    }
    painter.fillRect(place, blend(colors.panel, colors.dim, 0.08));
    painter.fillRect(place, missingBrush(colors));
}

}  // namespace

class ShareStrip::Bar : public QWidget {
public:
    explicit Bar(QWidget *parent) : QWidget(parent) { setFixedHeight(barHeight); }

    QList<Part> parts;

protected:
    void paintEvent(QPaintEvent *) override
    {
        double sum = 0;
        for (const Part &part : std::as_const(parts))
            sum += part.value;
        const Colors colors = colorsOf(palette());
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QPainterPath path;
        path.addRoundedRect(QRectF(rect()), metrics::controlRadius / 2.0, metrics::controlRadius / 2.0);
        painter.setClipPath(path);
        painter.fillRect(rect(), colors.raised);
        if (sum <= 0)
            return;
        // Right to left as the words are read.
        if (isRightToLeft()) {
            painter.translate(width(), 0);
            painter.scale(-1, 1);
        }
        double left = 0;
        for (const Part &part : std::as_const(parts)) {
            if (part.value <= 0)
                continue;
            const double width = std::max(leastWidth, part.value / sum * this->width());
            fillPart(painter, QRectF(left, 0, width - 1, height()), part, colors);
            left += width;
        }
    }
};

// One part in words, behind its colour.
class ShareStrip::Legend : public QWidget {
public:
    Legend(const Part &part, QWidget *parent) : QWidget(parent), m_part(part) { setAccessibleName(words()); }

    [[nodiscard]] QSize sizeHint() const override
    {
        return {fontMetrics().horizontalAdvance(words()) + swatch + 2 * metrics::unit + 2, std::max(swatch, fontMetrics().height()) + 2};
    }
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Colors colors = colorsOf(palette());
        QPainter painter(this);
        const bool leftwards = isRightToLeft();
        const QRectF place(leftwards ? width() - swatch : 0, (height() - swatch) / 2.0, swatch, swatch);
        fillPart(painter, place, m_part, colors);
        painter.setPen(colors.text);
        const QRectF words(leftwards ? 0 : swatch + 2 * metrics::unit, 0, width() - swatch - 2 * metrics::unit, height());
        painter.drawText(words, (leftwards ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, this->words());
    }

private:
    static constexpr int swatch = 10;
    [[nodiscard]] QString words() const { return m_part.name + QStringLiteral("  ") + m_part.figure; }

    Part m_part;
};

ShareStrip::ShareStrip(const QString &name, QWidget *parent) : QWidget(parent), m_name(name), m_bar(new Bar(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::unit);
    layout->addWidget(m_bar);
    auto *legend = new QWidget;
    m_legend = new FlowLayout(legend);
    layout->addWidget(legend);
    setAccessibleName(m_name);
}

void ShareStrip::setParts(const QList<Part> &parts)
{
    m_bar->parts = parts;
    m_bar->update();
    while (QLayoutItem *item = m_legend->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    QStringList words;
    for (const Part &part : parts) {
        m_legend->addWidget(new Legend(part, m_legend->parentWidget()));
        words << part.name + QStringLiteral(" ") + part.figure;
    }
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    m_legend->parentWidget()->updateGeometry();
}

}  // namespace cm::ui
