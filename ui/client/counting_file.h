// SPDX-License-Identifier: GPL-3.0-or-later
// A form with a file in it as one device, read from disk as the network takes it: head, file, tail.
// Counts what was read, since Qt tells progress of an upload only ten times a second. Owned by its
// reply, GUI thread.
#pragma once

#include <QFile>
#include <QIODevice>

namespace cm::ui {

class CountingFile : public QIODevice {
    Q_OBJECT
public:
    CountingFile(QByteArray head, const QString &path, QByteArray tail, QObject *parent);

    // False when the file cannot be read; errorString() says why.
    bool openForUpload();
    [[nodiscard]] qint64 fileBytesRead() const;
    [[nodiscard]] bool isSequential() const override { return false; }
    [[nodiscard]] qint64 size() const override { return m_head.size() + m_fileSize + m_tail.size(); }
    [[nodiscard]] qint64 fileSize() const { return m_fileSize; }
    bool seek(qint64 position) override;

Q_SIGNALS:
    void advanced();

protected:
    qint64 readData(char *data, qint64 most) override;
    qint64 writeData(const char *data, qint64 most) override;

private:
    QByteArray m_head;
    QFile m_file;
    QByteArray m_tail;
    qint64 m_fileSize = 0;
    qint64 m_position = 0;
};

}  // namespace cm::ui
