// SPDX-License-Identifier: GPL-3.0-or-later
// Adds or changes a registry of the list: its address, who vouches for it, and a token that is typed or that
// signing in gives. Nothing is kept before the registry has answered. GUI thread.
#pragma once

#include "ui/client/profiles.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <QByteArray>

#include <memory>

class QComboBox;
class QLabel;
class QLineEdit;

namespace cm::ui {

class AuthorityField;
class HttpAdminClient;
class Wire;

class ConnectionSheet : public ActionSheet {
    Q_OBJECT
public:
    ConnectionSheet(const PageContext &context, const Profile &profile, QWidget *parent = nullptr);
    ~ConnectionSheet() override;

Q_SIGNALS:
    void saved(const QString &profileId);

private:
    void tryIt();
    void signIn(const QUrl &url);
    void greet(const QUrl &url, const QByteArray &token);
    void keep(const QUrl &url, const QByteArray &token);
    void updateReady();
    [[nodiscard]] QUrl url() const;

    PageContext m_context;
    Profile m_profile;
    QLineEdit *m_name;
    QLineEdit *m_url;
    QComboBox *m_way;
    QLineEdit *m_user;
    QLineEdit *m_secret;
    AuthorityField *m_authority;
    std::unique_ptr<Wire> m_wire;
    std::unique_ptr<HttpAdminClient> m_client;
};

}  // namespace cm::ui
