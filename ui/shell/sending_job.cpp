// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/sending_job.h"

#include <QFileInfo>

namespace cm::ui {

SendingJob::SendingJob(const PageContext &context, QString path, QObject *parent)
    : QObject(parent), m_context(context), m_path(std::move(path))
{
}

QString SendingJob::filename() const
{
    return QFileInfo(m_path).fileName();
}

void SendingJob::start(UploadRequest request)
{
    m_error.reset();
    request.path = m_path;
    m_upload = m_context.uploads.start(request);
    connect(m_upload, &Upload::progressed, this, &SendingJob::progressed);
    connect(m_upload, &Upload::stateChanged, this, &SendingJob::progressed);
    connect(m_upload, &Upload::finished, this, [this] {
        if (m_upload->state() == Upload::State::Refused)
            m_error = m_upload->error();
        ended(m_upload->state());
    });
}

}  // namespace cm::ui
