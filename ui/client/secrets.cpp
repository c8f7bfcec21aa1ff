// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/secrets.h"

#include <QPromise>

#include <memory>
#include <qt6keychain/keychain.h>

namespace cm::ui {

namespace {

const QString service = QStringLiteral("cheesemonger");

template <class T>
QFuture<Result<T>> settled(Result<T> result)
{
    QPromise<Result<T>> promise;
    promise.start();
    promise.addResult(std::move(result));
    promise.finish();
    return promise.future();
}

}  // namespace

Secrets::Secrets(bool useKeychain, QObject *parent) : QObject(parent), m_useKeychain(useKeychain) {}

QFuture<Result<QByteArray>> Secrets::read(const QString &key)
{
    if (const auto found = m_memory.constFind(key); found != m_memory.constEnd())
        return settled<QByteArray>(*found);
    if (!m_useKeychain)
        return settled<QByteArray>(fail(ErrorCode::NotFound, "no secret is kept under this name"));
    auto promise = std::make_shared<QPromise<Result<QByteArray>>>();
    promise->start();
    auto *job = new QKeychain::ReadPasswordJob(service, this);
    job->setKey(key);
    connect(job, &QKeychain::Job::finished, this, [promise, job] {
        if (job->error() == QKeychain::NoError)
            promise->addResult(Result<QByteArray>(job->binaryData()));
        else
            promise->addResult(Result<QByteArray>(fail(ErrorCode::NotFound, job->errorString().toStdString())));
        promise->finish();
    });
    job->start();
    return promise->future();
}

QFuture<Result<bool>> Secrets::write(const QString &key, const QByteArray &secret)
{
    m_memory.insert(key, secret);
    if (!m_useKeychain)
        return settled<bool>(false);
    auto promise = std::make_shared<QPromise<Result<bool>>>();
    promise->start();
    auto *job = new QKeychain::WritePasswordJob(service, this);
    job->setKey(key);
    job->setBinaryData(secret);
    connect(job, &QKeychain::Job::finished, this, [promise, job] {
        promise->addResult(Result<bool>(job->error() == QKeychain::NoError));
        promise->finish();
    });
    job->start();
    return promise->future();
}

void Secrets::remove(const QString &key)
{
    m_memory.remove(key);
    if (!m_useKeychain)
        return;
    auto *job = new QKeychain::DeletePasswordJob(service, this);
    job->setKey(key);
    job->start();
}

}  // namespace cm::ui
