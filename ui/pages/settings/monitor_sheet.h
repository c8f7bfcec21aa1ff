// SPDX-License-Identifier: GPL-3.0-or-later
// The monitor that watches a registry of the list: its address, who vouches for it, and a token. Nothing is kept before the
// monitor has answered; an empty address takes the monitor away. GUI thread.
#pragma once

#include "ui/client/profiles.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <memory>

class QLineEdit;

namespace cm::ui {

class AuthorityField;
class HttpAdminClient;
class Wire;

class MonitorSheet : public ActionSheet {
    Q_OBJECT
public:
    MonitorSheet(const PageContext &context, const Profile &profile, QWidget *parent = nullptr);
    ~MonitorSheet() override;

Q_SIGNALS:
    void saved(const QString &profileId);

private:
    void tryIt();
    void keep(const QUrl &url, const QByteArray &token);
    void updateReady();
    [[nodiscard]] QUrl url() const;

    PageContext m_context;
    Profile m_profile;
    QLineEdit *m_url;
    QLineEdit *m_token;
    AuthorityField *m_authority;
    std::unique_ptr<Wire> m_wire;
    std::unique_ptr<HttpAdminClient> m_client;
};

}  // namespace cm::ui
