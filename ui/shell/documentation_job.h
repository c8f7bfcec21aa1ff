// SPDX-License-Identifier: GPL-3.0-or-later
// An archive of documentation on its way into the registry: looked at here, sent for a project and a version,
// answered. Holds what a page shows of it. Owned by the page, GUI thread.
#pragma once

#include "ui/client/documentation_check.h"
#include "ui/client/when_done.h"
#include "ui/shell/sending_job.h"
#include "ui/theme/marks.h"

namespace cm::ui {

class DocumentationJob : public SendingJob {
    Q_OBJECT
public:
    enum class State { Checking, Blocked, Ready, Sending, Done, Refused, Cancelled };

    DocumentationJob(const PageContext &context, QString path, QObject *parent = nullptr);

    void check();
    // In any state but while it is sent.
    void send(const QString &project, const QString &version);
    void cancel();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const LocalDocumentation &local() const { return m_local; }
    [[nodiscard]] bool isBusy() const { return m_state == State::Checking || m_state == State::Sending; }
    [[nodiscard]] bool canSend() const { return m_state == State::Ready || m_state == State::Refused || m_state == State::Cancelled; }
    [[nodiscard]] Upload::Progress progress() const { return m_upload ? m_upload->progress() : Upload::Progress(); }
    // Where it stands, in words, and what the archive is or why it would be refused.
    [[nodiscard]] QString statement() const;
    [[nodiscard]] Mark mark() const;
    [[nodiscard]] QString archiveText() const;
    [[nodiscard]] Mark archiveMark() const;

private:
    void setState(State state);
    void ended(Upload::State state) override;

    State m_state = State::Checking;
    LocalDocumentation m_local;
    LatestCall m_check;
};

}  // namespace cm::ui
