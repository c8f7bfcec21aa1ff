// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/profiles.h"

#include <QSettings>
#include <QUuid>

#include <algorithm>

namespace cm::ui {

namespace {
const QString group = QStringLiteral("connections");
const QString lastUsedKey = QStringLiteral("connection/last");
// The settings name their number themselves, and whatever has damaged them may name any.
constexpr int mostProfiles = 1'000;
}  // namespace

Profiles::Profiles(QSettings *settings) : m_settings(settings)
{
    if (!m_settings)
        return;
    const int count = std::min(m_settings->beginReadArray(group), mostProfiles);
    for (int i = 0; i < count; ++i) {
        m_settings->setArrayIndex(i);
        Profile profile{m_settings->value(QStringLiteral("id")).toString(), m_settings->value(QStringLiteral("name")).toString(),
                        m_settings->value(QStringLiteral("url")).toUrl(), m_settings->value(QStringLiteral("monitor")).toUrl(),
                        m_settings->value(QStringLiteral("authority")).toString(), m_settings->value(QStringLiteral("monitorAuthority")).toString()};
        if (!profile.id.isEmpty())
            m_profiles.append(profile);
    }
    m_settings->endArray();
    m_lastUsed = m_settings->value(lastUsedKey).toString();
}

Profile Profiles::find(const QString &id) const
{
    const auto found = std::find_if(m_profiles.cbegin(), m_profiles.cend(), [&](const Profile &p) { return p.id == id; });
    return found == m_profiles.cend() ? Profile{} : *found;
}

QString Profiles::save(Profile profile)
{
    if (profile.id.isEmpty())
        profile.id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    const auto found = std::find_if(m_profiles.begin(), m_profiles.end(), [&](const Profile &p) { return p.id == profile.id; });
    if (found == m_profiles.end())
        m_profiles.append(profile);
    else
        *found = profile;
    store();
    return profile.id;
}

void Profiles::remove(const QString &id)
{
    m_profiles.removeIf([&](const Profile &profile) { return profile.id == id; });
    store();
}

void Profiles::setLastUsed(const QString &id)
{
    m_lastUsed = id;
    if (m_settings)
        m_settings->setValue(lastUsedKey, id);
}

void Profiles::store()
{
    if (!m_settings)
        return;
    m_settings->remove(group);
    m_settings->beginWriteArray(group, static_cast<int>(m_profiles.size()));
    for (int i = 0; i < m_profiles.size(); ++i) {
        m_settings->setArrayIndex(i);
        m_settings->setValue(QStringLiteral("id"), m_profiles[i].id);
        m_settings->setValue(QStringLiteral("name"), m_profiles[i].name);
        // An address never carries credentials.
        m_settings->setValue(QStringLiteral("url"), m_profiles[i].url.adjusted(QUrl::RemoveUserInfo));
        if (!m_profiles[i].monitor.isEmpty())
            m_settings->setValue(QStringLiteral("monitor"), m_profiles[i].monitor.adjusted(QUrl::RemoveUserInfo));
        if (!m_profiles[i].authority.isEmpty())
            m_settings->setValue(QStringLiteral("authority"), m_profiles[i].authority);
        if (!m_profiles[i].monitorAuthority.isEmpty())
            m_settings->setValue(QStringLiteral("monitorAuthority"), m_profiles[i].monitorAuthority);
    }
    m_settings->endArray();
}

}  // namespace cm::ui
