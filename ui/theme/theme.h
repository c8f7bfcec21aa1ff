// SPDX-License-Identifier: GPL-3.0-or-later
// Sets style and palette of the application and follows the system's preference (the desktop
// portal's color-scheme and contrast, asked without waiting). Owned by the composition root.
#pragma once

#include <QObject>
#include <QPalette>
#include <QString>

class QApplication;
class QDBusVariant;
class QVariant;

namespace cm::ui {

class Theme : public QObject {
    Q_OBJECT
public:
    enum class Scheme { System, Light, Dark };

    explicit Theme(QApplication &application, QObject *parent = nullptr);

    // Style and palette, before the first window is made.
    void apply(Scheme scheme);
    // Asks the system, after the first paint.
    void followSystem();
    [[nodiscard]] Scheme scheme() const { return m_scheme; }
    [[nodiscard]] bool dark() const;
    [[nodiscard]] static QString nameOf(Scheme scheme);
    [[nodiscard]] static Scheme named(const QString &name);

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void onSettingChanged(const QString &group, const QString &key, const QDBusVariant &value);

private:
    void takeSetting(const QString &key, const QVariant &value);
    void ask(const QString &key);
    void setPalette();

    QApplication &m_application;
    QPalette m_systemPalette;
    Scheme m_scheme = Scheme::System;
    bool m_systemDark = true;
    bool m_highContrast = false;
};

}  // namespace cm::ui
