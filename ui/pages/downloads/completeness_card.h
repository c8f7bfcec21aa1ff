// SPDX-License-Identifier: GPL-3.0-or-later
// What became of the lines of a window: stored, ignored, not understood, refused; and the minutes without data. Says
// so where the figures do not agree. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/widgets/card.h"

class QLabel;

namespace cm::ui {

class ShareStrip;
class StateMark;

class CompletenessCard : public Card {
    Q_OBJECT
public:
    explicit CompletenessCard(QWidget *parent = nullptr);

    void setCompleteness(const api::DownloadCompleteness &completeness);
    // It is not known: why.
    void setUnknown(const QString &why);

private:
    ShareStrip *m_strip;
    StateMark *m_state;
    QLabel *m_words;
};

}  // namespace cm::ui
