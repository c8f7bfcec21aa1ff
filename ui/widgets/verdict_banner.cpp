// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/verdict_banner.h"

#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/flow_layout.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace cm::ui {

class VerdictBanner::Icon : public QWidget {
public:
    explicit Icon(QWidget *parent) : QWidget(parent) { setFixedSize(18, 18); }
    Mark mark = Mark::None;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        drawMark(painter, QRectF(rect()).adjusted(1, 1, -1, -1), mark, colorsOf(palette()));
    }
};

VerdictBanner::VerdictBanner(QWidget *parent)
    : QFrame(parent), m_icon(new Icon(this)), m_sentence(new QLabel(this)), m_detail(new QLabel(this)), m_buttons(nullptr)
{
    m_sentence->setFont(titleFont(font()));
    m_sentence->setTextFormat(Qt::PlainText);
    m_detail->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_detail->setWordWrap(true);
    m_detail->setForegroundRole(QPalette::PlaceholderText);
    // Words break anywhere; a button does not, and so has its width first.
    constexpr int leastCharacters = 36;
    for (QLabel *label : {m_sentence, m_detail}) {
        QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        policy.setHeightForWidth(true);
        label->setSizePolicy(policy);
        label->setMinimumWidth(fontMetrics().averageCharWidth() * leastCharacters);
    }
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_sentence);
    words->addWidget(m_detail);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::cardPadding + 4, metrics::cardPadding - 2, metrics::cardPadding, metrics::cardPadding - 2);
    row->setSpacing(metrics::gap);
    row->addWidget(m_icon);
    row->addLayout(words, 1);
    // Below each other where there is no room beside each other.
    auto *bar = new QWidget(this);
    m_buttons = new FlowLayout(bar);
    m_buttons->setSpacing(metrics::unit * 2);
    bar->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    row->addWidget(bar, 0, Qt::AlignVCenter);
}

void VerdictBanner::setVerdict(Mark mark, const QString &sentence, const QString &detail)
{
    m_mark = mark;
    m_icon->mark = mark;
    m_sentence->setText(sentence);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    setAccessibleName(sentence);
    setAccessibleDescription(detail);
    m_icon->update();
    update();
}

void VerdictBanner::setActions(const QList<QAction *> &actions)
{
    while (QLayoutItem *item = m_buttons->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (QAction *action : actions)
        m_buttons->addWidget(actionButton(action, this));
}

void VerdictBanner::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    const bool quiet = m_mark == Mark::Ok || m_mark == Mark::None;
    const QColor tint = markColor(m_mark, colors);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(quiet ? colors.line : blend(colors.panel, tint, 0.5));
    painter.setBrush(quiet ? colors.panel : blend(colors.panel, tint, 0.16));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::cardRadius, metrics::cardRadius);
}

}  // namespace cm::ui
