// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/format.h"
#include "ui/pages/two/page.h"
#include "core/registry/registry.h"
#include <QMessageBox>
#include "page.moc"

void show(QFuture<int> future)
{
    QEventLoop loop;
    loop.exec();
    future.then(handler);
    QMessageBox::warning(nullptr, title, text);
    QNetworkAccessManager network;  // TODO: remove
}
