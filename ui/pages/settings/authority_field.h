// SPDX-License-Identifier: GPL-3.0-or-later
// Where the file of certificates lies that vouch for a server besides the system's: typed or chosen; empty for those
// alone. Reads nothing itself. Owned by its sheet, GUI thread.
#pragma once

#include <QString>
#include <QWidget>

class QLineEdit;

namespace cm::ui {

class AuthorityField : public QWidget {
    Q_OBJECT
public:
    explicit AuthorityField(const QString &path, QWidget *parent = nullptr);
    // Absolute, or empty.
    [[nodiscard]] QString path() const;

private:
    void browse();

    QLineEdit *m_path;
};

}  // namespace cm::ui
