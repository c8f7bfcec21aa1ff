// SPDX-License-Identifier: GPL-3.0-or-later
// The admin API as the desktop sees it: one typed call per endpoint of core/api/endpoints.h. Owned
// by the composition root, used from the GUI thread; answers arrive through whenDone().
#pragma once

#include "core/api/binding.h"
#include "ui/client/when_done.h"

#include <QByteArray>
#include <QPromise>
#include <QString>
#include <QThreadPool>

namespace cm::ui {

class AdminClient {
public:
    virtual ~AdminClient() = default;

    template <class E>
    [[nodiscard]] QFuture<Result<typename E::Response>> call(const E &endpoint, const typename E::Request &request)
    {
        using Response = typename E::Response;
        const api::BoundRequest bound = api::bindRequest(endpoint, request);
        auto promise = std::make_shared<QPromise<Result<Response>>>();
        promise->start();
        QFuture<Result<Response>> future = promise->future();
        const auto sent = send(endpoint, QByteArray::fromStdString(bound.target), QByteArray::fromStdString(bound.body));
        whenDone(&m_context, sent, [promise](Result<QByteArray> answer) {
            if (!answer) {
                settle<Response>(*promise, fail(std::move(answer.error())));
            } else if (answer->size() < largeAnswer) {
                settle<Response>(*promise, decode<Response>(*answer));
            } else {
                // Reading a large answer would be felt as a gap of the event loop.
                QThreadPool::globalInstance()->start(
                    [promise, bytes = std::move(*answer)] { settle<Response>(*promise, decode<Response>(bytes)); });
            }
        });
        return future;
    }

protected:
    // The body of a successful answer, or the problem as an Error. `target` is path and query.
    virtual QFuture<Result<QByteArray>> send(const api::EndpointInfo &endpoint, const QByteArray &target,
                                             const QByteArray &body) = 0;

private:
    static constexpr qsizetype largeAnswer = 16 * 1024;

    template <class Response>
    static void settle(QPromise<Result<Response>> &promise, Result<Response> result)
    {
        promise.addResult(std::move(result));
        promise.finish();
    }

    template <class Response>
    static Result<Response> decode(const QByteArray &bytes)
    {
        if constexpr (std::is_same_v<Response, api::Nothing>)
            return Response{};
        else
            return api::fromJsonText<Response>(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    }

    QObject m_context;
};

}  // namespace cm::ui
