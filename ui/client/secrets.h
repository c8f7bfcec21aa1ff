// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens in the system's keychain; where there is none, in memory until the program ends. Nothing is
// ever written to a file. GUI thread, asynchronous.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QFuture>
#include <QHash>
#include <QObject>
#include <QString>

namespace cm::ui {

class Secrets : public QObject {
    Q_OBJECT
public:
    // False: memory only, the keychain is not asked (tests).
    explicit Secrets(bool useKeychain, QObject *parent = nullptr);

    // NotFound when there is none.
    QFuture<Result<QByteArray>> read(const QString &key);
    // Answers whether it was kept beyond this run of the program.
    QFuture<Result<bool>> write(const QString &key, const QByteArray &secret);
    void remove(const QString &key);

private:
    bool m_useKeychain;
    QHash<QString, QByteArray> m_memory;
};

}  // namespace cm::ui
