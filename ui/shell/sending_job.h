// SPDX-License-Identifier: GPL-3.0-or-later
// What every file on its way to the registry has: its path, the upload that carries it, and why it was not taken. What is
// looked at before, and what the states are called, is the business of each kind. Owned by its card, GUI thread.
#pragma once

#include "ui/client/upload_client.h"
#include "ui/shell/page_context.h"

#include <QObject>
#include <QPointer>

#include <optional>

namespace cm::ui {

class SendingJob : public QObject {
    Q_OBJECT
public:
    [[nodiscard]] QString path() const { return m_path; }
    [[nodiscard]] QString filename() const;
    // What the registry answered when it refused, or why the file could not be read.
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

Q_SIGNALS:
    void changed();
    void progressed();

protected:
    SendingJob(const PageContext &context, QString path, QObject *parent);

    // Sends the file with this request; ended() follows.
    void start(UploadRequest request);
    virtual void ended(Upload::State state) = 0;
    // The end of an upload as the kind calls it.
    template <class State>
    [[nodiscard]] static State stateAfter(Upload::State ended)
    {
        return ended == Upload::State::Done ? State::Done : ended == Upload::State::Cancelled ? State::Cancelled : State::Refused;
    }

    PageContext m_context;
    std::optional<Error> m_error;
    QPointer<Upload> m_upload;

private:
    const QString m_path;
};

}  // namespace cm::ui
