// SPDX-License-Identifier: GPL-3.0-or-later
// The one way to consume a future in the desktop. The handler runs on the owner's thread, at most
// once; when the owner is gone the answer is dropped. (QFuture's own continuations abort on Qt 6.4
// when their context dies first, so they are not used.)
#pragma once

#include "core/base/result.h"

#include <QFuture>
#include <QFutureWatcher>
#include <QObject>
#include <QPromise>
#include <QThreadPool>

#include <functional>
#include <memory>

namespace cm::ui {

// `handler(Result<T>)`; a call that was given up answers Cancelled.
template <class T, class Handler>
void whenDone(QObject *owner, const QFuture<Result<T>> &future, Handler handler)
{
    auto *watcher = new QFutureWatcher<Result<T>>(owner);
    QObject::connect(watcher, &QFutureWatcherBase::finished, owner, [watcher, handler = std::move(handler)]() mutable {
        watcher->deleteLater();
        const QFuture<Result<T>> done = watcher->future();
        handler(done.resultCount() > 0 ? done.result() : Result<T>(fail(ErrorCode::Cancelled, "the call was given up")));
    });
    watcher->setFuture(future);
}

// What would keep the window's thread waiting: `work()`, on any other, answers Result<T>.
template <class T, class Work>
QFuture<Result<T>> onWorker(Work work)
{
    auto promise = std::make_shared<QPromise<Result<T>>>();
    promise->start();
    QFuture<Result<T>> future = promise->future();
    QThreadPool::globalInstance()->start([promise, work = std::move(work)]() mutable {
        promise->addResult(work());
        promise->finish();
    });
    return future;
}

// For a search box or a selection: starting a new call makes the answer of the older one void.
class LatestCall {
public:
    template <class T, class Handler>
    void start(QObject *owner, const QFuture<Result<T>> &future, Handler handler)
    {
        const int mine = ++*m_generation;
        whenDone(owner, future, [generation = m_generation, mine, handler = std::move(handler)](Result<T> answer) mutable {
            if (*generation == mine)
                handler(std::move(answer));
        });
    }
    // Makes what is under way void.
    void drop() { ++*m_generation; }

private:
    std::shared_ptr<int> m_generation = std::make_shared<int>(0);
};

}  // namespace cm::ui
