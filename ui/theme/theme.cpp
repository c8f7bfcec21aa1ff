// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "ui/theme/colors.h"
#include "ui/theme/style.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

namespace cm::ui {

namespace {

const QString portalService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString portalPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString portalSettings = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");
const QString colorScheme = QStringLiteral("color-scheme");
const QString contrast = QStringLiteral("contrast");

// Older portals wrap the value twice.
QVariant unwrapped(QVariant value)
{
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    return value;
}

}  // namespace

Theme::Theme(QApplication &application, QObject *parent) : QObject(parent), m_application(application)
{
    m_systemPalette = m_application.palette();
}

void Theme::apply(Scheme scheme)
{
    m_scheme = scheme;
    if (!qobject_cast<Style *>(m_application.style()))
        m_application.setStyle(new Style);
    setPalette();
}

bool Theme::dark() const
{
    return m_scheme == Scheme::Dark || (m_scheme == Scheme::System && m_systemDark);
}

QString Theme::nameOf(Scheme scheme)
{
    switch (scheme) {
    case Scheme::Light:
        return QStringLiteral("light");
    case Scheme::Dark:
        return QStringLiteral("dark");
    case Scheme::System:
        break;
    }
    return QStringLiteral("system");
}

Theme::Scheme Theme::named(const QString &name)
{
    if (name == QLatin1String("light"))
        return Scheme::Light;
    return name == QLatin1String("dark") ? Scheme::Dark : Scheme::System;
}

void Theme::followSystem()
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    bus.connect(portalService, portalPath, portalSettings, QStringLiteral("SettingChanged"), this,
                SLOT(onSettingChanged(QString, QString, QDBusVariant)));
    ask(colorScheme);
    ask(contrast);
}

void Theme::ask(const QString &key)
{
    QDBusMessage message = QDBusMessage::createMethodCall(portalService, portalPath, portalSettings, QStringLiteral("Read"));
    message << appearance << key;
    auto *watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(message), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, key, watcher] {
        watcher->deleteLater();
        const QDBusPendingReply<QVariant> reply = *watcher;
        if (!reply.isError())
            takeSetting(key, unwrapped(reply.value()));
    });
}

void Theme::onSettingChanged(const QString &group, const QString &key, const QDBusVariant &value)
{
    if (group == appearance)
        takeSetting(key, unwrapped(value.variant()));
}

void Theme::takeSetting(const QString &key, const QVariant &value)
{
    // color-scheme: 0 no preference, 1 dark, 2 light; contrast: 1 high.
    if (key == colorScheme)
        m_systemDark = value.toUInt() != 2;
    else if (key == contrast)
        m_highContrast = value.toUInt() == 1;
    else
        return;
    setPalette();
}

void Theme::setPalette()
{
    // High contrast is the system's own business: its palette is taken as it is.
    const QPalette wanted = m_highContrast && m_scheme == Scheme::System ? m_systemPalette
                                                                          : paletteOf(dark() ? darkColors() : lightColors());
    if (wanted == m_application.palette())
        return;
    m_application.setPalette(wanted);
    Q_EMIT changed();
}

}  // namespace cm::ui
