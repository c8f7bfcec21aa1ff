// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/verdict_banner.h"

#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/flow_layout.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

class VerdictBanner::Icon : public QWidget {
public:
    explicit Icon(QWidget *parent) : QWidget(parent) { setFixedSize(18, 18); }
    Mark mark = Mark::None;
    bool busy = false;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        if (busy && (mark == Mark::Ok || mark == Mark::None)) {
            drawAtWork(painter, QRectF(rect()).adjusted(2, 2, -2, -2), colorsOf(palette()));
            return;
        }
        drawMark(painter, QRectF(rect()).adjusted(1, 1, -1, -1), mark, colorsOf(palette()));
    }
};

VerdictBanner::VerdictBanner(QWidget *parent)
    : QFrame(parent), m_icon(new Icon(this)), m_sentence(new QLabel(this)), m_detail(new QLabel(this)), m_factsBox(new QWidget(this)),
      m_facts(new QGridLayout(m_factsBox)), m_buttons(nullptr)
{
    m_sentence->setFont(titleFont(font()));
    m_detail->setForegroundRole(QPalette::PlaceholderText);
    constexpr int leastCharacters = 36;
    for (QLabel *label : {m_sentence, m_detail})
        letBreak(label, fontMetrics().averageCharWidth() * leastCharacters);
    m_facts->setContentsMargins(0, metrics::unit, 0, 0);
    m_facts->setHorizontalSpacing(metrics::gap);
    m_facts->setVerticalSpacing(2);
    m_facts->setColumnStretch(1, 1);
    m_factsBox->hide();
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_sentence);
    words->addWidget(m_factsBox);
    words->addWidget(m_detail);
    words->addStretch(1);
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::gap);
    m_row = new QBoxLayout(QBoxLayout::LeftToRight, this);
    m_row->setContentsMargins(metrics::cardPadding + 4, metrics::cardPadding - 2, metrics::cardPadding, metrics::cardPadding - 2);
    m_row->setSpacing(metrics::gap);
    // Beside the first line of the sentence, however many lines follow.
    auto *beside = new QVBoxLayout;
    beside->addSpacing(std::max(0, (m_sentence->fontMetrics().height() - m_icon->height()) / 2));
    beside->addWidget(m_icon);
    beside->addStretch(1);
    row->addLayout(beside);
    row->addLayout(words, 1);
    m_row->addLayout(row, 1);
    m_bar = new QWidget(this);
    m_buttons = new FlowLayout(m_bar);
    m_buttons->setSpacing(metrics::unit * 2);
    m_buttons->push();
    m_bar->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    m_row->addWidget(m_bar);
}

void VerdictBanner::placeButtons()
{
    // Beside the words as long as these keep a readable line, else below them; at the far end either way.
    constexpr int readable = 80;
    const bool beside = width() - m_buttons->sizeHint().width() > fontMetrics().averageCharWidth() * readable;
    m_row->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void VerdictBanner::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    placeButtons();
}

void VerdictBanner::letBreak(QLabel *label, int leastWidth)
{
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    label->setSizePolicy(policy);
    label->setMinimumWidth(leastWidth);
}

VerdictBanner::FactRow VerdictBanner::addFact()
{
    FactRow row{new QLabel(m_factsBox), new QLabel(m_factsBox)};
    row.name->setTextFormat(Qt::PlainText);
    row.name->setForegroundRole(QPalette::PlaceholderText);
    constexpr int leastCharacters = 24;
    letBreak(row.text, fontMetrics().averageCharWidth() * leastCharacters);
    const auto at = static_cast<int>(m_factRows.size());
    m_facts->addWidget(row.name, at, 0, Qt::AlignTop);
    m_facts->addWidget(row.text, at, 1);
    m_factRows << row;
    return row;
}

void VerdictBanner::showFacts(const QList<VerdictFact> &facts)
{
    while (m_factRows.size() < facts.size())
        addFact();
    for (qsizetype i = 0; i < m_factRows.size(); ++i) {
        const FactRow &row = m_factRows.at(i);
        const bool used = i < facts.size();
        row.name->setVisible(used);
        row.text->setVisible(used);
        if (!used)
            continue;
        row.name->setText(facts.at(i).name);
        row.text->setText(facts.at(i).text);
        row.text->setFont(facts.at(i).strong ? headingFont(font()) : font());
    }
    m_factsBox->setVisible(!facts.isEmpty());
}

void VerdictBanner::setVerdict(Mark mark, const QString &sentence, const QString &detail, const QList<VerdictFact> &facts)
{
    m_mark = mark;
    m_icon->mark = mark;
    m_sentence->setText(sentence);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    showFacts(facts);
    setAccessibleName(sentence);
    QStringList said;
    for (const VerdictFact &fact : facts)
        said << tr("%1: %2", "the name of a fact and the fact").arg(fact.name, fact.text);
    if (!detail.isEmpty())
        said << detail;
    setAccessibleDescription(said.join(QLatin1Char('\n')));
    m_icon->update();
    m_buttons->invalidate();
    m_bar->updateGeometry();
    placeButtons();
    update();
}

void VerdictBanner::setBusy(bool busy)
{
    m_busy = busy;
    m_icon->busy = busy;
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
    painter.setPen(quiet && m_busy ? blend(colors.panel, colors.accent, 0.6) : quiet ? colors.line : blend(colors.panel, tint, 0.5));
    painter.setBrush(quiet ? colors.panel : blend(colors.panel, tint, 0.16));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::cardRadius, metrics::cardRadius);
}

}  // namespace cm::ui
