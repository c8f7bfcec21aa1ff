// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/progress_row.h"

#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/state_mark.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QToolButton>

#include <cmath>

namespace cm::ui {

ProgressRow::ProgressRow(const QString &name, QWidget *parent)
    : QWidget(parent), m_name(new ElidedLabel(name, ElidedLabel::Kind::Identifier, this)), m_bar(new QProgressBar(this)),
      m_text(new QLabel(this)), m_cancel(new QToolButton(this)), m_mark(new StateMark(this))
{
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(6);
    m_bar->setRange(0, 1000);
    m_bar->setAccessibleName(tr("Progress of %1").arg(name));
    m_text->setForegroundRole(QPalette::PlaceholderText);
    m_text->setMinimumWidth(fontMetrics().averageCharWidth() * 34);
    m_cancel->setText(tr("Cancel"));
    m_cancel->setAccessibleName(tr("Cancel %1").arg(name));
    m_mark->hide();
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 2, 0, 2);
    layout->setSpacing(metrics::gap);
    layout->addWidget(m_name, 2);
    layout->addWidget(m_bar, 3);
    layout->addWidget(m_mark, 3);
    layout->addWidget(m_text);
    layout->addWidget(m_cancel);
    connect(m_cancel, &QToolButton::clicked, this, &ProgressRow::cancelled);
}

void ProgressRow::setProgress(qint64 done, qint64 total, double bytesPerSecond, double secondsLeft)
{
    m_mark->hide();
    m_bar->show();
    m_text->show();
    // A range of nothing is Qt's way to draw "unknown".
    m_bar->setRange(0, total > 0 ? 1000 : 0);
    if (total > 0)
        m_bar->setValue(static_cast<int>(done * 1000 / total));
    QStringList parts;
    parts << (total > 0 ? tr("%1 of %2").arg(formatBytes(done), formatBytes(total)) : formatBytes(done));
    if (bytesPerSecond > 0)
        parts << formatRate(bytesPerSecond);
    if (secondsLeft >= 0)
        parts << tr("%1 left").arg(formatDuration(std::chrono::seconds(std::llround(std::ceil(secondsLeft)))));
    m_text->setText(parts.join(QStringLiteral(" · ")));
}

void ProgressRow::setState(Mark mark, const QString &text)
{
    m_bar->hide();
    m_text->hide();
    m_mark->setState(mark, text);
    m_mark->show();
}

void ProgressRow::setCancellable(bool cancellable)
{
    m_cancel->setVisible(cancellable);
}

}  // namespace cm::ui
