// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/settings/connection_sheet.h"

#include "core/api/endpoints.h"
#include "ui/client/http_admin_client.h"
#include "ui/client/secrets.h"
#include "ui/client/wire.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/settings/authority_field.h"
#include "ui/shell/shell.h"

#include <QComboBox>
#include <QLineEdit>

namespace cm::ui {

namespace ep = api::endpoints;

ConnectionSheet::ConnectionSheet(const PageContext &context, const Profile &profile, QWidget *parent)
    : ActionSheet(profile.id.isEmpty() ? tr("Add registry") : tr("Change registry"), tr("Connect and &keep"), parent), m_context(context),
      m_profile(profile), m_name(new QLineEdit(profile.name)), m_url(new QLineEdit(profile.url.toDisplayString())), m_way(new QComboBox),
      m_user(new QLineEdit), m_secret(new QLineEdit), m_authority(new AuthorityField(profile.authority)), m_wire(std::make_unique<Wire>()), m_client(std::make_unique<HttpAdminClient>(*m_wire))
{
    m_url->setPlaceholderText(QStringLiteral("https://"));
    m_way->addItem(tr("Name and password"));
    m_way->addItem(tr("API token"));
    m_secret->setEchoMode(QLineEdit::Password);
    setPlan({tr("The registry is asked who you are; then it joins the list."),
             tr("The token goes to the system's keychain; where there is none, it is kept until the window closes."),
             tr("The password is not kept.")});
    addField(tr("&Name in the list"), m_name);
    addField(tr("A&ddress"), m_url);
    addField(tr("A&uthority file"), m_authority);
    addField(tr("Sign in &with"), m_way);
    addField(tr("&Person"), m_user);
    addField(tr("Password or &token"), m_secret);
    connect(m_way, &QComboBox::currentIndexChanged, this, [this](int way) {
        m_user->setEnabled(way == 0);
        updateReady();
    });
    for (auto *field : {m_name, m_url, m_user, m_secret})
        connect(field, &QLineEdit::textChanged, this, &ConnectionSheet::updateReady);
    connect(this, &ActionSheet::confirmed, this, &ConnectionSheet::tryIt);
    updateReady();
}

ConnectionSheet::~ConnectionSheet() = default;

QUrl ConnectionSheet::url() const
{
    QUrl url(m_url->text().trimmed(), QUrl::StrictMode);
    if (!url.path().endsWith(QLatin1Char('/')))
        url.setPath(url.path() + QLatin1Char('/'));
    return url;
}

void ConnectionSheet::updateReady()
{
    const QUrl address = url();
    const bool http = address.scheme() == QLatin1String("https") || address.scheme() == QLatin1String("http");
    setReady(http && !address.host().isEmpty() && !m_name->text().trimmed().isEmpty() && !m_secret->text().isEmpty() &&
             (m_way->currentIndex() == 1 || !m_user->text().trimmed().isEmpty()));
}

void ConnectionSheet::tryIt()
{
    setBusy(true);
    if (m_way->currentIndex() == 0)
        signIn(url());
    else
        greet(url(), m_secret->text().trimmed().toUtf8());
}

void ConnectionSheet::signIn(const QUrl &url)
{
    m_wire->setEndpoint(url, {}, m_authority->path());
    whenDone(this, m_client->call(ep::signIn, {m_user->text().trimmed().toStdString(), m_secret->text().toStdString()}),
             [this, url](const Result<api::Session> &answer) {
                 if (answer) {
                     keep(url, QByteArray::fromStdString(answer->token));
                     return;
                 }
                 setBusy(false);
                 showError(answer.error());
             });
}

void ConnectionSheet::greet(const QUrl &url, const QByteArray &token)
{
    m_wire->setEndpoint(url, token, m_authority->path());
    whenDone(this, m_client->call(ep::whoAmI, {}), [this, url, token](const Result<api::Who> &answer) {
        if (answer) {
            keep(url, token);
            return;
        }
        setBusy(false);
        showError(answer.error());
    });
}

void ConnectionSheet::keep(const QUrl &url, const QByteArray &token)
{
    m_profile.name = m_name->text().trimmed();
    m_profile.url = url;
    m_profile.authority = m_authority->path();
    const QString id = m_context.profiles.save(m_profile);
    const QString name = m_profile.name;
    // The window outlives this sheet.
    whenDone(this, m_context.secrets.write(id, token), [this, id, name](const Result<bool> &kept) {
        const bool lasting = kept && *kept;
        m_context.shell.notify(Mark::Ok, tr("%1 is in the list").arg(name),
                               lasting ? tr("Its token is in the system's keychain.")
                                       : tr("There is no keychain here: its token is kept until the window closes."));
        Q_EMIT saved(id);
        close();
    });
}

}  // namespace cm::ui
