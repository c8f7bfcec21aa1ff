// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/stage_track.h"

#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/wrapped_text.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>

namespace cm::ui {

namespace {

constexpr double disc = 6;     // radius
constexpr double halo = 10;    // of the one that is now
constexpr int mostLines = 3;   // of a name or a date

QFont bold(QFont font)
{
    font.setBold(true);
    return font;
}

}  // namespace

StageTrack::StageTrack(const QString &name, QWidget *parent) : QWidget(parent)
{
    setAccessibleName(name);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
}

void StageTrack::setStages(const QList<Stage> &stages, bool halted)
{
    if (stages == m_stages && halted == m_halted)
        return;
    m_stages = stages;
    m_halted = halted;
    QStringList words;
    for (const Stage &stage : stages) {
        const QString state = stage.state == State::Done ? tr("done") : stage.state == State::Now ? (halted ? tr("halted here") : tr("now")) : tr("ahead");
        words << (stage.detail.isEmpty() ? tr("%1: %2").arg(stage.name, state) : tr("%1: %2, %3").arg(stage.name, state, stage.detail));
    }
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

QRect StageTrack::placeOf(qsizetype stage) const
{
    const int count = std::max<int>(1, static_cast<int>(m_stages.size()));
    const int left = static_cast<int>(stage) * width() / count, right = (static_cast<int>(stage) + 1) * width() / count;
    return QStyle::visualRect(layoutDirection(), rect(), QRect(left, 0, right - left, height()));
}

int StageTrack::linesBelow(const QString &text, bool isBold) const
{
    const int room = std::max(40, (width() > 100 ? width() : 900) / std::max<int>(1, static_cast<int>(m_stages.size())) - 6);
    return text.isEmpty() ? 0 : static_cast<int>(wrappedLines(text, isBold ? bold(font()) : font(), room, mostLines).size());
}

QSize StageTrack::sizeHint() const
{
    int names = 1, details = 1;
    for (const Stage &stage : m_stages) {
        names = std::max(names, linesBelow(stage.name, stage.state == State::Now));
        details = std::max(details, linesBelow(stage.detail, false));
    }
    const QFontMetrics below(smallFont(font()));
    return {static_cast<int>(m_stages.size()) * fontMetrics().averageCharWidth() * 12,
            static_cast<int>(2 * halo) + metrics::unit + names * fontMetrics().lineSpacing() + details * below.lineSpacing() + 2};
}

QSize StageTrack::minimumSizeHint() const
{
    return {static_cast<int>(m_stages.size()) * fontMetrics().averageCharWidth() * 7, sizeHint().height()};
}

void StageTrack::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double y = halo;
    for (qsizetype i = 0; i + 1 < m_stages.size(); ++i) {
        const bool done = m_stages[i].state == State::Done;
        QPen pen(done ? colors.ok : colors.line, 2, done ? Qt::SolidLine : Qt::DotLine);
        painter.setPen(pen);
        painter.drawLine(QPointF(placeOf(i).center().x(), y), QPointF(placeOf(i + 1).center().x(), y));
    }
    for (qsizetype i = 0; i < m_stages.size(); ++i) {
        const Stage &stage = m_stages[i];
        const QRect place = placeOf(i).adjusted(3, 0, -3, 0);
        const QPointF at(placeOf(i).center().x(), y);
        if (stage.state == State::Done) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(colors.ok);
            painter.drawEllipse(at, disc, disc);
            painter.setPen(QPen(colors.panel, 1.6));
            painter.drawPolyline(QPolygonF{at + QPointF(-2.6, 0.2), at + QPointF(-0.7, 2.2), at + QPointF(2.8, -2)});
        } else if (stage.state == State::Now) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(blend(colors.panel, colors.accent, 0.3));
            painter.drawEllipse(at, halo, halo);
            painter.setBrush(m_halted ? colors.panel : colors.accent);
            painter.setPen(QPen(colors.accent, 2));
            painter.drawEllipse(at, disc - 1, disc - 1);
        } else {
            painter.setPen(QPen(colors.dim, 1.4));
            painter.setBrush(colors.panel);
            painter.drawEllipse(at, disc - 1, disc - 1);
        }
        const bool now = stage.state == State::Now;
        double top = 2 * halo + metrics::unit;
        painter.setFont(now ? bold(font()) : font());
        painter.setPen(stage.state == State::Ahead ? colors.dim : colors.text);
        const int height = QFontMetrics(painter.font()).lineSpacing();
        for (const QString &line : wrappedLines(stage.name, painter.font(), place.width(), mostLines)) {
            painter.drawText(QRectF(place.left(), top, place.width(), height), Qt::AlignHCenter | Qt::AlignTop, line);
            top += height;
        }
        painter.setFont(smallFont(font()));
        painter.setPen(colors.dim);
        const int below = QFontMetrics(painter.font()).lineSpacing();
        for (const QString &line : wrappedLines(stage.detail, painter.font(), place.width(), mostLines)) {
            painter.drawText(QRectF(place.left(), top, place.width(), below), Qt::AlignHCenter | Qt::AlignTop, line);
            top += below;
        }
    }
}

bool StageTrack::event(QEvent *event)
{
    if (event->type() == QEvent::Resize)
        updateGeometry();
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        for (qsizetype i = 0; i < m_stages.size(); ++i) {
            if (placeOf(i).contains(help->pos()) && !m_stages[i].tip.isEmpty()) {
                QToolTip::showText(help->globalPos(), m_stages[i].tip, this);
                return true;
            }
        }
        QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

}  // namespace cm::ui
