// SPDX-License-Identifier: GPL-3.0-or-later
// The part of LazyTableModel that needs no row type: which windows are wanted, on their way, kept.
#pragma once

#include "core/base/result.h"
#include "ui/models/table_model.h"

#include <QList>
#include <QSet>
#include <QTimer>

#include <functional>

namespace cm::ui {

// What the owner is asked to fetch. Answers of an older generation are dropped by the model.
struct WindowRequest {
    qint64 offset = 0;
    qint64 limit = 0;
    QString sortKey;
    bool descending = false;
    int generation = 0;
};

class LazyWindowModel : public TableModel {
    Q_OBJECT
public:
    static constexpr int windowSize = 256;
    using Fetch = std::function<void(const WindowRequest &)>;

    explicit LazyWindowModel(QObject *parent);

    void setFetch(Fetch fetch) { m_fetch = std::move(fetch); }
    // Another list (search, filter, sort): everything is forgotten and the first window asked for.
    void reload();
    // The same list, which may have changed: what is on the screen is asked for again and merged;
    // selection and scroll position stay.
    void refresh();
    // Rows first and last on the screen, told by the view.
    void setVisibleRows(int first, int last);

    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    [[nodiscard]] qint64 total() const { return m_total; }
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

    [[nodiscard]] bool isComplete() const final;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const final;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const final;

Q_SIGNALS:
    // The first window of a list came (also when it is empty), or a refresh did.
    void loaded();
    void totalChanged(qint64 total);
    void failed(const cm::Error &error);

protected:
    [[nodiscard]] virtual QVariant rowData(int row, int column, int role) const = 0;
    [[nodiscard]] virtual bool holds(int window) const = 0;
    virtual void forget(int window) = 0;
    virtual void forgetAll() = 0;

    [[nodiscard]] bool accepts(const WindowRequest &request) const;
    void windowFailed(const WindowRequest &request, Error error);
    void beginDelivery(const WindowRequest &request);
    void endDelivery(const WindowRequest &request, qint64 total, bool changed);
    void sortChanged() final { reload(); }

private:
    void want(int window) const;
    void ask();
    void request(int window);
    void setTotal(qint64 total);
    void touch(int window) const;
    void trim();

    static constexpr int keptWindows = 64;
    static constexpr int parallelRequests = 3;

    Fetch m_fetch;
    mutable QList<int> m_wanted;
    mutable QList<int> m_recent;
    QSet<int> m_onTheWay;
    QSet<int> m_outdated;
    mutable QTimer m_askSoon;
    qint64 m_total = 0;
    int m_generation = 0;
    int m_firstVisible = 0;
    int m_lastVisible = 0;
    bool m_loaded = false;
    std::optional<Error> m_error;
};

}  // namespace cm::ui
