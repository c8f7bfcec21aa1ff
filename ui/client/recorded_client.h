// SPDX-License-Identifier: GPL-3.0-or-later
// Answers from recorded JSON files, for --render and for tests. DIR/<endpoint>.json answers every call of that
// endpoint; DIR/<endpoint>/<last path segment>.json goes before it, and with the last two segments before that; for
// clients of a class of a project DIR/<endpoint>/of-<project>/<class>.json. A folder laid over it goes before all.
// GUI thread.
#pragma once

#include "ui/client/admin_client.h"

#include <QHash>
#include <QList>

namespace cm::ui {

class RecordedClient final : public AdminClient {
public:
    enum class Mode {
        Answer,  // as recorded; NotFound where nothing is
        Empty,   // pages without items where the record is a page, else as recorded
        Silent,  // never answers: the loading face
        Fail,    // answers `failure`
    };
    struct Sent {
        QByteArray endpoint;
        QByteArray target;
        QByteArray body;
    };

    explicit RecordedClient(QString folder);
    void layOver(QString folder) { m_over = std::move(folder); }
    void setMode(Mode mode) { m_mode = mode; }
    void setFailure(Error failure) { m_failure = std::move(failure); }
    // That endpoint alone answers so, until it is told again with nothing.
    void failAt(const QByteArray &endpoint, std::optional<Error> failure)
    {
        failure ? (void)m_failures.insert(endpoint, *std::move(failure)) : (void)m_failures.remove(endpoint);
    }
    [[nodiscard]] const QList<Sent> &sent() const { return m_sent; }

protected:
    QFuture<Result<QByteArray>> send(const api::EndpointInfo &endpoint, const QByteArray &target,
                                     const QByteArray &body) override;

private:
    Result<QByteArray> recorded(const QByteArray &name, const QByteArray &target) const;
    static std::optional<QByteArray> recordedIn(const QString &folder, const QByteArray &name, const QByteArray &target);

    QString m_folder;
    QString m_over;
    Mode m_mode = Mode::Answer;
    Error m_failure{ErrorCode::Unavailable, "recorded failure", {}, {}};
    QHash<QByteArray, Error> m_failures;
    QList<Sent> m_sent;
    QList<std::shared_ptr<QPromise<Result<QByteArray>>>> m_silent;
};

}  // namespace cm::ui
