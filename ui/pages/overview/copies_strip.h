// SPDX-License-Identifier: GPL-3.0-or-later
// What stands before the registry, on one line: the serials of registry, CDN and mirror side by side, how old the copy is and
// whether it was found right, who serves now, how much comes from the cache and how much fails. A figure that nobody has told is
// a dash, one that is no longer about now struck through. Hidden where there is neither CDN nor mirror. GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/theme/marks.h"
#include "ui/widgets/card.h"

class QLabel;

namespace cm::ui {

class FlowLayout;
class StateMark;

// One of its figures.
struct CopyFigure {
    QString name;
    QString value;
    QString tip;
    Mark mark = Mark::None;
    bool struck = false;
};

class CopiesStrip : public Card {
    Q_OBJECT
public:
    explicit CopiesStrip(QWidget *parent = nullptr);

    // `old`: nothing is about now.
    static QList<CopyFigure> figures(const api::MonitorState &state, bool old);
    void setState(const api::MonitorState &state, bool old);

private:
    struct Part {
        QWidget *whole;
        QLabel *name;
        StateMark *value;
    };

    FlowLayout *m_row;
    QList<Part> m_parts;
};

}  // namespace cm::ui
