// SPDX-License-Identifier: GPL-3.0-or-later
// The registries a person works with. Names, addresses and where the files of authorities lie are kept in the given settings (none in
// tests); tokens never are, they go to Secrets.
#pragma once

#include <QList>
#include <QString>
#include <QUrl>

class QSettings;

namespace cm::ui {

struct Profile {
    // "bundled" for the registry that the desktop starts itself.
    QString id;
    QString name;
    QUrl url;
    // Of the monitor that watches it; empty: none.
    QUrl monitor;
    // Files of certificates that vouch for either besides the system's; empty: those alone.
    QString authority = {};
    QString monitorAuthority = {};
    friend bool operator==(const Profile &, const Profile &) = default;

    [[nodiscard]] bool isBundled() const { return id == QLatin1String("bundled"); }
    // Where Secrets keeps the token for its monitor.
    [[nodiscard]] QString monitorSecret() const { return id + QStringLiteral("/monitor"); }
};

class Profiles {
public:
    // `settings` may be null: nothing is remembered then.
    explicit Profiles(QSettings *settings);

    [[nodiscard]] const QList<Profile> &all() const { return m_profiles; }
    [[nodiscard]] Profile find(const QString &id) const;
    // Adds it, or replaces the one with its id; an empty id gets a new one, which is answered.
    QString save(Profile profile);
    void remove(const QString &id);
    [[nodiscard]] QString lastUsed() const { return m_lastUsed; }
    void setLastUsed(const QString &id);

private:
    void store();

    QSettings *m_settings;
    QList<Profile> m_profiles;
    QString m_lastUsed;
};

}  // namespace cm::ui
