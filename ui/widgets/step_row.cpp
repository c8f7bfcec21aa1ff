// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/step_row.h"

#include "ui/format/acts.h"
#include "ui/format/format.h"
#include "ui/theme/marks.h"
#include "ui/theme/metrics.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>

#include <cmath>

namespace cm::ui {

namespace {

constexpr int markSize = 14;
constexpr int progressHeight = 6;

}  // namespace

// Done and failed are the marks of states; what has no state yet is a ring, empty or half full.
class StepRow::StepMark : public QWidget {
public:
    explicit StepMark(QWidget *parent) : QWidget(parent)
    {
        setFixedSize(markSize, std::max(markSize, parent->fontMetrics().height()));
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    api::StepState state = api::StepState::Waiting;

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Colors colors = colorsOf(palette());
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF place(1, (height() - markSize) / 2.0 + 1, markSize - 2, markSize - 2);
        switch (state) {
        case api::StepState::Done:
            drawMark(painter, place, Mark::Ok, colors);
            return;
        case api::StepState::Failed:
            drawMark(painter, place, Mark::Critical, colors);
            return;
        case api::StepState::Skipped:
            painter.setPen(QPen(colors.dim, 2));
            painter.drawLine(QPointF(place.left() + 2, place.center().y()), QPointF(place.right() - 2, place.center().y()));
            return;
        case api::StepState::Running:
            drawAtWork(painter, place.adjusted(1, 1, -1, -1), colors);
            return;
        case api::StepState::Waiting:
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(colors.dim, 1.5));
            painter.drawEllipse(place.adjusted(1, 1, -1, -1));
        }
    }
};

StepRow::StepRow(QWidget *parent) : QWidget(parent), m_mark(new StepMark(this)), m_statement(new QLabel(this)), m_figure(new QLabel(this)), m_progress(new QProgressBar(this))
{
    m_statement->setWordWrap(true);
    m_statement->setTextFormat(Qt::PlainText);
    m_statement->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_figure->setTextFormat(Qt::PlainText);
    m_figure->setForegroundRole(QPalette::PlaceholderText);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(progressHeight);
    m_progress->setRange(0, 1000);
    m_progress->hide();
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(metrics::unit * 2);
    grid->setVerticalSpacing(metrics::unit);
    grid->addWidget(m_mark, 0, 0, Qt::AlignTop);
    grid->addWidget(m_statement, 0, 1);
    grid->addWidget(m_figure, 0, 2, Qt::AlignTop);
    grid->addWidget(m_progress, 1, 1, 1, 2);
    grid->setColumnStretch(1, 1);
}

void StepRow::setStep(const api::ActionStep &step, bool expected, Time now)
{
    m_mark->state = step.state;
    m_mark->update();
    m_statement->setText(text(step.statement));
    const bool open = step.state == api::StepState::Waiting || step.state == api::StepState::Skipped;
    m_statement->setForegroundRole(open ? QPalette::PlaceholderText : step.state == api::StepState::Failed ? QPalette::BrightText : QPalette::WindowText);
    const bool running = step.state == api::StepState::Running;
    QStringList figure;
    if (running && step.progress)
        figure << formatPercent(*step.progress);
    if (running && expected)
        figure << tr("not yet");
    else if (step.state == api::StepState::Failed || step.state == api::StepState::Skipped)
        figure << nameFor(step.state);
    if (step.started && (running || step.ended))
        figure << formatDuration(std::max(std::chrono::microseconds(0), step.ended.value_or(now) - *step.started));
    // Too early a share says nothing of the rest.
    constexpr double leastShare = 0.02;
    if (running && step.started && step.progress && *step.progress > leastShare && *step.progress < 1) {
        const double left = std::chrono::duration<double>(now - *step.started).count() * (1 - *step.progress) / *step.progress;
        figure << tr("about %1 left").arg(formatDuration(std::chrono::seconds(std::max<std::int64_t>(0, std::llround(left)))));
    }
    m_figure->setText(figure.join(QStringLiteral(" · ")));
    m_figure->setVisible(!figure.isEmpty());
    m_progress->setVisible(running && step.progress);
    if (step.progress)
        m_progress->setValue(static_cast<int>(std::lround(std::clamp(*step.progress, 0.0, 1.0) * 1000)));
    m_progress->setAccessibleName(tr("Progress of: %1").arg(text(step.statement)));
    setAccessibleName(QStringLiteral("%1: %2").arg(nameFor(step.state), text(step.statement)));
}

}  // namespace cm::ui
