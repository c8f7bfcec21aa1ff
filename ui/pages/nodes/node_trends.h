// SPDX-License-Identifier: GPL-3.0-or-later
// How the figures of a node went over the last hours, where that says more than what they are now: what waits to be healed of a
// server of files, the share from the cache and that of answers with 5xx of a CDN. Nothing for other nodes. GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/series_points.h"

#include <QElapsedTimer>
#include <QWidget>

#include <memory>

class QBoxLayout;

namespace cm::ui {

class TimeChart;

class NodeTrends : public QWidget {
    Q_OBJECT
public:
    explicit NodeTrends(const PageContext &context, QWidget *parent = nullptr);

    void setNode(const api::Node &node);
    void clear();
    // Asks again where what is shown is some seconds old.
    void read();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Line {
        std::string role;
        std::string signal;
        QWidget *part = nullptr;
        TimeChart *chart = nullptr;
        Bucket bucket = Bucket::Greatest;
        std::shared_ptr<OneCall> call = std::make_shared<OneCall>();
    };

    void add(const char *role, const char *signal, const QString &title, Bucket bucket);
    void ask(const Line &line);
    void place();

    PageContext m_context;
    QBoxLayout *m_row;
    QList<Line> m_lines;
    std::string m_node;
    std::string m_role;
    QElapsedTimer m_since;
};

}  // namespace cm::ui
