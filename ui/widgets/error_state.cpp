// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/error_state.h"

#include "ui/format/error_words.h"
#include "ui/theme/fonts.h"
#include "ui/theme/marks.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cm::ui {

ErrorState::ErrorState(QWidget *parent)
    : QWidget(parent), m_title(new QLabel(this)), m_stillTrue(new QLabel(this)), m_remedy(new QLabel(this)),
      m_detail(new QLabel(this)), m_retry(new QPushButton(tr("&Try again"), this))
{
    auto *mark = new StateMark(Mark::Critical, {}, this);
    mark->setAccessibleName(tr("Error"));
    m_title->setFont(titleFont(font()));
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(metrics::unit * 2);
    layout->addStretch(2);
    layout->addWidget(mark, 0, Qt::AlignHCenter);
    for (QLabel *label : {m_title, m_stillTrue, m_remedy, m_detail}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        layout->addWidget(label);
    }
    m_detail->setFont(smallFont(fixedFont(font())));
    m_detail->setForegroundRole(QPalette::PlaceholderText);
    m_detail->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_detail->setAccessibleName(tr("Technical detail"));
    m_retry->setAutoDefault(false);
    layout->addSpacing(metrics::unit * 2);
    layout->addWidget(m_retry, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    connect(m_retry, &QPushButton::clicked, this, [this] {
        if (const auto retry = m_onRetry)
            retry();
    });
}

void ErrorState::setError(const Error &error, std::function<void()> retry)
{
    const ErrorWords words = wordsFor(error);
    m_title->setText(words.title);
    m_stillTrue->setText(words.stillTrue);
    m_remedy->setText(words.remedy);
    m_detail->setText((words.fields.isEmpty() ? QStringList{words.detail} : words.fields).join(QLatin1Char('\n')));
    m_detail->setVisible(!m_detail->text().isEmpty());
    m_onRetry = std::move(retry);
    m_retry->setVisible(static_cast<bool>(m_onRetry));
}

}  // namespace cm::ui
