// SPDX-License-Identifier: GPL-3.0-or-later
// One file on its way into the registry: looked at here, asked about there, sent, answered. Holds
// what its card shows. Owned by the Upload page, GUI thread.
#pragma once

#include "core/api/operations.h"
#include "ui/client/local_check.h"
#include "ui/client/when_done.h"
#include "ui/format/upload_words.h"
#include "ui/shell/sending_job.h"
#include "ui/theme/marks.h"

#include <QPointer>

#include <optional>

namespace cm::ui {

class UploadJob : public SendingJob {
    Q_OBJECT
public:
    enum class State {
        Checking,   // looked at here
        Asking,     // the registry is asked
        Ready,      // nothing speaks against it
        Blocked,    // it would be refused; nothing was sent
        Unasked,    // the registry did not answer the question
        Sending,    // waiting for its turn, or on its way
        Done,
        Refused,    // by the registry, after sending
        Cancelled,
    };
    struct Line {
        UploadTopic topic;
        Mark mark = Mark::None;
        QString text;
        QString remedy;
    };

    UploadJob(const PageContext &context, QString path, QObject *parent = nullptr);

    void check();
    void send();
    void cancel();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] const LocalFile &file() const { return m_file; }
    [[nodiscard]] QList<Line> lines() const;
    // "Ready to upload", "2 things to mend", …
    [[nodiscard]] QString statement() const;
    [[nodiscard]] Mark mark() const;
    [[nodiscard]] bool canSend() const { return m_state == State::Ready || m_state == State::Cancelled || m_state == State::Refused; }
    [[nodiscard]] bool isBusy() const;
    // Of hashing or of sending.
    [[nodiscard]] Upload::Progress progress() const;

private:
    void setState(State state);
    void ended(Upload::State state) override;
    void onInspected(const LocalFile &file);
    void ask();
    void judge();
    [[nodiscard]] Line localLine(UploadTopic topic, Mark markWhenGood, const QString &good) const;
    [[nodiscard]] Line permissionLine() const;
    [[nodiscard]] Line presenceLine() const;
    [[nodiscard]] Line sizeLine() const;
    [[nodiscard]] Line digestLine() const;
    [[nodiscard]] Line metadataLine() const;
    [[nodiscard]] Line descriptionLine() const;
    [[nodiscard]] std::optional<Line> serverRefusal(UploadTopic topic) const;

    State m_state = State::Checking;
    LocalFile m_file;
    bool m_inspected = false;
    QPointer<LocalCheck> m_check;
    LatestCall m_ask;
    std::optional<api::PreflightVerdict> m_verdict;
    std::optional<Error> m_askError;
    Upload::Progress m_hashing;
};

}  // namespace cm::ui
