// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/counting_file.h"

#include <algorithm>
#include <cstring>

namespace cm::ui {

CountingFile::CountingFile(QByteArray head, const QString &path, QByteArray tail, QObject *parent)
    : QIODevice(parent), m_head(std::move(head)), m_file(path), m_tail(std::move(tail))
{
}

bool CountingFile::openForUpload()
{
    if (!m_file.open(QIODevice::ReadOnly)) {
        setErrorString(m_file.errorString());
        return false;
    }
    m_fileSize = m_file.size();
    return open(QIODevice::ReadOnly | QIODevice::Unbuffered);
}

qint64 CountingFile::fileBytesRead() const
{
    return std::clamp<qint64>(m_position - m_head.size(), 0, m_fileSize);
}

bool CountingFile::seek(qint64 position)
{
    if (position < 0 || position > size())
        return false;
    m_position = position;
    return QIODevice::seek(position);
}

qint64 CountingFile::readData(char *data, qint64 most)
{
    const qint64 fileEnd = m_head.size() + m_fileSize;
    qint64 done = 0;
    while (done < most && m_position < size()) {
        qint64 step = 0;
        if (m_position < m_head.size()) {
            step = std::min<qint64>(most - done, m_head.size() - m_position);
            std::memcpy(data + done, m_head.constData() + m_position, static_cast<std::size_t>(step));
        } else if (m_position < fileEnd) {
            const qint64 at = m_position - m_head.size();
            if (m_file.pos() != at && !m_file.seek(at))
                return -1;
            step = m_file.read(data + done, std::min(most - done, fileEnd - m_position));
            // The file became shorter while it was sent.
            if (step <= 0)
                return -1;
        } else {
            const qint64 at = m_position - fileEnd;
            step = std::min<qint64>(most - done, m_tail.size() - at);
            std::memcpy(data + done, m_tail.constData() + at, static_cast<std::size_t>(step));
        }
        m_position += step;
        done += step;
    }
    Q_EMIT advanced();
    return done;
}

qint64 CountingFile::writeData(const char *, qint64)
{
    return -1;
}

}  // namespace cm::ui
