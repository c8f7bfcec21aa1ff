// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/settings/authority_field.h"

#include "ui/theme/metrics.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

namespace cm::ui {

AuthorityField::AuthorityField(const QString &path, QWidget *parent) : QWidget(parent), m_path(new QLineEdit(path))
{
    m_path->setAccessibleName(tr("Authority file"));
    m_path->setPlaceholderText(tr("none", "a file"));
    m_path->setToolTip(tr("Certificates in PEM that vouch for the server, besides the authorities that this system trusts"));
    setAccessibleName(m_path->accessibleName());
    setToolTip(m_path->toolTip());
    setFocusProxy(m_path);
    auto *choose = new QPushButton(tr("Ch&oose…"));
    choose->setAutoDefault(false);
    choose->setAccessibleName(tr("Choose the authority file"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::unit);
    layout->addWidget(m_path, 1);
    layout->addWidget(choose);
    connect(choose, &QPushButton::clicked, this, &AuthorityField::browse);
}

QString AuthorityField::path() const
{
    const QString typed = m_path->text().trimmed();
    return typed.isEmpty() ? QString() : QFileInfo(typed).absoluteFilePath();
}

void AuthorityField::browse()
{
    auto *dialog = new QFileDialog(this, tr("Choose the file of an authority"), QFileInfo(path()).path(), tr("Certificates (*.pem *.crt *.cer);;All files (*)"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, m_path, &QLineEdit::setText);
    dialog->open();
}

}  // namespace cm::ui
