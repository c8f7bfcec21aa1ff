// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/settings/monitor_sheet.h"

#include "core/api/monitor_endpoints.h"
#include "ui/client/http_admin_client.h"
#include "ui/client/secrets.h"
#include "ui/client/wire.h"
#include "ui/pages/settings/authority_field.h"
#include "ui/shell/shell.h"

#include <QLineEdit>

namespace cm::ui {

namespace ep = api::endpoints;

MonitorSheet::MonitorSheet(const PageContext &context, const Profile &profile, QWidget *parent)
    : ActionSheet(tr("Monitor of %1").arg(profile.name), tr("Connect and &keep"), parent), m_context(context), m_profile(profile),
      m_url(new QLineEdit(profile.monitor.toDisplayString())), m_token(new QLineEdit),
      m_authority(new AuthorityField(profile.monitorAuthority)), m_wire(std::make_unique<Wire>()), m_client(std::make_unique<HttpAdminClient>(*m_wire))
{
    m_url->setPlaceholderText(QStringLiteral("https://"));
    m_token->setEchoMode(QLineEdit::Password);
    setPlan({tr("The monitor is asked for its state; then it belongs to this registry."),
             tr("The token goes to the system's keychain; where there is none, it is kept until the window closes."),
             tr("An empty address takes the monitor away.")});
    addField(tr("A&ddress"), m_url);
    addField(tr("A&uthority file"), m_authority);
    addField(tr("API &token"), m_token);
    for (auto *field : {m_url, m_token})
        connect(field, &QLineEdit::textChanged, this, &MonitorSheet::updateReady);
    connect(this, &ActionSheet::confirmed, this, &MonitorSheet::tryIt);
    updateReady();
}

MonitorSheet::~MonitorSheet() = default;

QUrl MonitorSheet::url() const
{
    const QString typed = m_url->text().trimmed();
    if (typed.isEmpty())
        return {};
    QUrl url(typed, QUrl::StrictMode);
    if (!url.path().endsWith(QLatin1Char('/')))
        url.setPath(url.path() + QLatin1Char('/'));
    return url;
}

void MonitorSheet::updateReady()
{
    const QUrl address = url();
    const bool http = address.scheme() == QLatin1String("https") || address.scheme() == QLatin1String("http");
    const bool taken = m_url->text().trimmed().isEmpty() && !m_profile.monitor.isEmpty();
    setReady(taken || (http && !address.host().isEmpty() && !m_token->text().trimmed().isEmpty()));
}

void MonitorSheet::tryIt()
{
    const QUrl address = url();
    const QByteArray token = m_token->text().trimmed().toUtf8();
    if (address.isEmpty()) {
        keep({}, {});
        return;
    }
    setBusy(true);
    m_wire->setEndpoint(address, token, m_authority->path());
    // Only a monitor answers this: the address of a registry is told apart.
    whenDone(this, m_client->call(ep::monitorState, {}), [this, address, token](const Result<api::MonitorState> &answer) {
        if (answer) {
            keep(address, token);
            return;
        }
        setBusy(false);
        showError(answer.error());
    });
}

void MonitorSheet::keep(const QUrl &url, const QByteArray &token)
{
    m_profile.monitor = url;
    m_profile.monitorAuthority = url.isEmpty() ? QString() : m_authority->path();
    const QString id = m_context.profiles.save(m_profile);
    const QString name = m_profile.name;
    if (url.isEmpty()) {
        m_context.secrets.remove(m_profile.monitorSecret());
        m_context.shell.notify(Mark::Ok, tr("%1 has no monitor any more").arg(name), {});
        Q_EMIT saved(id);
        close();
        return;
    }
    whenDone(this, m_context.secrets.write(m_profile.monitorSecret(), token), [this, id, name](const Result<bool> &kept) {
        const bool lasting = kept && *kept;
        m_context.shell.notify(Mark::Ok, tr("%1 is watched by this monitor").arg(name),
                               lasting ? tr("Its token is in the system's keychain.")
                                       : tr("There is no keychain here: its token is kept until the window closes."));
        Q_EMIT saved(id);
        close();
    });
}

}  // namespace cm::ui
