// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a window from end to end: sent, received, parsed, stored; by sender where senders tell what they sent, and the
// minutes without data; what came again and was dropped, and what came twice and was not. Says so where the figures do not
// agree. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/models/list_table_model.h"
#include "ui/widgets/card.h"

class QLabel;

namespace cm::ui {

class DataTable;
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
    using Model = ListTableModel<api::LineSender>;

    [[nodiscard]] static QStringList troublesOf(const api::DownloadCompleteness &completeness);
    [[nodiscard]] static QString againWords(const api::LineFigures &lines);
    void showState(const api::DownloadCompleteness &completeness);
    void showSenders(const api::DownloadCompleteness &completeness);

    ShareStrip *m_strip;
    StateMark *m_state;
    QLabel *m_figures;
    QLabel *m_words;
    Model *m_model;
    DataTable *m_senders;
};

}  // namespace cm::ui
