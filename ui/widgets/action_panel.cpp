// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/action_panel.h"

#include "ui/format/acts.h"
#include "ui/format/format.h"
#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_mark.h"
#include "ui/widgets/step_row.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr int charactersForTwo = 110;

Mark markOf(api::ActionState state)
{
    switch (state) {
    case api::ActionState::Done:
        return Mark::Ok;
    case api::ActionState::Failed:
        return Mark::Critical;
    case api::ActionState::Cancelled:
        return Mark::Warning;
    case api::ActionState::Running:
        break;
    }
    return Mark::None;
}

}  // namespace

ActionPanel::ActionPanel(QWidget *parent) : QFrame(parent)
{
    build();
    connect(m_cancel, &QPushButton::clicked, this, &ActionPanel::cancelWanted);
    connect(m_dismiss, &QPushButton::clicked, this, &ActionPanel::dismissed);
    hide();
}

void ActionPanel::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::cardPadding, metrics::cardPadding, metrics::cardPadding, metrics::cardPadding);
    layout->setSpacing(metrics::unit);
    m_mark = new StateMark(this);
    m_mark->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_title = wrappedLabel(this);
    m_title->setFont(headingFont(font()));
    m_cancel = new QPushButton(tr("Cancel"), this);
    m_dismiss = new QPushButton(tr("Hide this report"), this);
    for (QPushButton *button : {m_cancel, m_dismiss})
        button->setAutoDefault(false);
    auto *head = new QHBoxLayout;
    head->setSpacing(metrics::unit * 2);
    head->addWidget(m_title, 1);
    head->addWidget(m_mark, 0, Qt::AlignVCenter);
    head->addWidget(m_cancel, 0, Qt::AlignVCenter);
    head->addWidget(m_dismiss, 0, Qt::AlignVCenter);
    layout->addLayout(head);
    m_body = new QWidget;
    auto *inside = new QVBoxLayout(m_body);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(metrics::unit);
    m_about = wrappedLabel(this);
    m_about->setForegroundRole(QPalette::PlaceholderText);
    m_result = wrappedLabel(this);
    m_remedy = wrappedLabel(this);
    for (QLabel *label : {m_about, m_result, m_remedy})
        inside->addWidget(label);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight);
    m_columns->setContentsMargins(0, metrics::unit, 0, 0);
    m_columns->setSpacing(metrics::gap * 2);
    const auto column = [this](const QString &heading, QLabel *&name) {
        auto *box = new QVBoxLayout;
        box->setSpacing(metrics::unit);
        name = new QLabel(heading, this);
        name->setForegroundRole(QPalette::PlaceholderText);
        box->addWidget(name);
        box->addStretch(1);
        m_columns->addLayout(box, 1);
        return box;
    };
    QLabel *steps = nullptr;
    m_steps = column(tr("Steps"), steps);
    m_aftermath = column(tr("Has to come true"), m_aftermathHeading);
    inside->addLayout(m_columns);
    inside->addStretch(1);
    m_scroll = new QScrollArea(this);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(m_body);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_body->setAutoFillBackground(false);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setAccessibleName(tr("Steps of the action"));
    layout->addWidget(m_scroll);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ActionPanel::setAction(const api::Action &action, bool old, Time now)
{
    m_action = action;
    const bool running = action.state == api::ActionState::Running;
    m_mark->setState(running && old ? Mark::Unknown : markOf(action.state), running && old ? tr("not known now") : nameFor(action.state));
    m_name = actSentence(action.wish);
    const Time end = action.ended.value_or(now);
    QStringList about{tr("by %1").arg(text(action.actor)), formatClockUtc(action.started),
                      running ? tr("for %1").arg(formatDuration(std::max(std::chrono::microseconds(0), end - action.started)))
                              : tr("took %1").arg(formatDuration(std::max(std::chrono::microseconds(0), end - action.started)))};
    if (!action.reason.empty())
        about << tr("“%1”").arg(text(action.reason));
    m_beside = about.join(QStringLiteral(" · "));
    showSteps(m_steps, m_stepRows, action.steps, false, now);
    showSteps(m_aftermath, m_aftermathRows, action.aftermath, true, now);
    m_aftermathHeading->setVisible(!action.aftermath.empty());
    setAccessibleName(QStringLiteral("%1, %2").arg(m_name, nameFor(action.state)));
    updateWords();
    updateButtons();
    update();
    show();
    fit();
}

void ActionPanel::updateWords()
{
    const api::Action &action = m_action;
    m_title->setText(m_led ? m_beside : m_name);
    m_title->setFont(m_led ? font() : headingFont(font()));
    m_title->setForegroundRole(m_led ? QPalette::PlaceholderText : QPalette::WindowText);
    m_about->setText(m_beside);
    m_about->setVisible(!m_led);
    const bool well = action.state == api::ActionState::Running || action.state == api::ActionState::Done;
    m_result->setText(text(action.statement));
    // What a step says already is not said twice.
    const bool said = std::any_of(action.steps.begin(), action.steps.end(), [&action](const api::ActionStep &step) {
        return step.state == api::StepState::Failed && step.statement == action.statement;
    });
    m_result->setVisible(!m_led && !well && !said && !action.statement.empty());
    m_result->setForegroundRole(action.state == api::ActionState::Failed ? QPalette::BrightText : QPalette::WindowText);
    m_remedy->setText(actRemedy(action));
    m_remedy->setVisible(!m_led && !m_remedy->text().isEmpty());
}

void ActionPanel::setLed(bool led)
{
    if (m_led == led)
        return;
    m_led = led;
    updateWords();
    fit();
}

void ActionPanel::fit()
{
    const int room = m_scroll->width();
    QLayout *inside = m_body->layout();
    const int wanted = inside->hasHeightForWidth() ? inside->totalHeightForWidth(room) : inside->totalSizeHint().height();
    constexpr int partOfWindow = 6;
    const int height = m_limited ? std::min(wanted, window()->height() / partOfWindow) : wanted;
    m_scroll->setFixedHeight(height);
    // Keys reach what is out of sight.
    m_scroll->setFocusPolicy(height < wanted ? Qt::StrongFocus : Qt::NoFocus);
}

void ActionPanel::showSteps(QVBoxLayout *column, QList<StepRow *> &rows, const std::vector<api::ActionStep> &steps, bool expected, Time now)
{
    while (rows.size() > static_cast<qsizetype>(steps.size()))
        delete rows.takeLast();
    while (rows.size() < static_cast<qsizetype>(steps.size())) {
        auto *row = new StepRow(this);
        column->insertWidget(column->count() - 1, row);
        row->show();
        rows << row;
    }
    for (qsizetype i = 0; i < rows.size(); ++i)
        rows.at(i)->setStep(steps.at(static_cast<std::size_t>(i)), expected, now);
}

void ActionPanel::setMayCancel(bool shown, bool may, const QString &why)
{
    m_showCancel = shown;
    m_mayCancel = may;
    m_cancel->setToolTip(why);
    updateButtons();
}

void ActionPanel::updateButtons()
{
    const bool running = m_action.state == api::ActionState::Running;
    const bool stepsDone = std::all_of(m_action.steps.begin(), m_action.steps.end(), [](const api::ActionStep &step) { return step.state == api::StepState::Done; });
    // What was done cannot be called off any more; one can only stop to wait for what comes of it.
    m_cancel->setText(stepsDone ? tr("Stop watching") : tr("Call off"));
    m_cancel->setAccessibleName(QStringLiteral("%1: %2").arg(m_cancel->text(), m_name));
    if (stepsDone && m_mayCancel)
        m_cancel->setToolTip(tr("What has still to come true is no longer watched; nothing is undone"));
    m_cancel->setVisible(running && m_showCancel);
    m_cancel->setEnabled(m_mayCancel);
    m_dismiss->setVisible(!running);
    m_dismiss->setAccessibleName(tr("Hide this report: %1").arg(m_name));
}

void ActionPanel::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    const bool failed = m_action.state == api::ActionState::Failed;
    const bool running = m_action.state == api::ActionState::Running;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(failed ? blend(colors.panel, colors.critical, 0.6) : running ? blend(colors.panel, colors.accent, 0.6) : colors.line);
    painter.setBrush(failed ? blend(colors.panel, colors.critical, 0.1) : colors.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::cardRadius, metrics::cardRadius);
}

void ActionPanel::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    m_columns->setDirection(width() > fontMetrics().averageCharWidth() * charactersForTwo ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    fit();
}

}  // namespace cm::ui
